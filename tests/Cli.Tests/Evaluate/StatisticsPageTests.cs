using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Serve.Cli.Tests.Evaluate;

/// <summary>The example of the page on statistics: its commands run as they stand there, and write what stands below them.</summary>
public sealed partial class StatisticsPageTests : IDisposable
{
    private const string Prompt = "./serve ";

    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Commands_of_the_page_write_what_it_shows()
    {
        var blocks = File.ReadAllText(Path.Combine(TestFiles.Root, "docs", "statistics.md")).Split("```\n");
        var (commands, shown) = (blocks[1].TrimEnd().Split('\n'), blocks[3]);
        var written = "";

        foreach (var command in commands)
            written = command.StartsWith(Prompt, StringComparison.Ordinal) ? await ServeAsync(command) : await ShellAsync(command);

        Assert.Equal(Number().Replace(shown, "#"), Number().Replace(written, "#"));
        // Processors differ in the last bits of a convolution, so the numbers are held to the third decimal, and p to a few permutations of the thousand.
        foreach (var (wanted, given) in shown.Split('\n').Zip(written.Split('\n')))
        {
            var isDifference = wanted.Contains(" - ", StringComparison.Ordinal);
            Assert.All(Numbers(wanted).Zip(Numbers(given)).Take(3), pair => Assert.Equal(pair.First, pair.Second, 2e-3));
            Assert.All(Numbers(wanted).Zip(Numbers(given)).Skip(3), pair => Assert.Equal(pair.First, pair.Second, isDifference ? 0.02 : 2e-3));
        }
        Assert.True(File.Exists(_folder.File("comparison.json")));
    }

    private async Task<string> ServeAsync(string command)
    {
        var words = command[Prompt.Length..].Split(' ').Select(word => word.StartsWith("data/", StringComparison.Ordinal) || Path.HasExtension(word) ? _folder.File(word) : word);
        var run = await CommandRun.OfAsync([
            .. words, .. command.Contains(" --model ", StringComparison.Ordinal) ? ["--models", Path.Combine(TestFiles.Root, "models"), "--device", "cpu"] : (string[])[]]);
        Assert.True(run.ExitCode == 0, $"{command}: {run.Error}");
        return run.Output.ReplaceLineEndings("\n");
    }

    private async Task<string> ShellAsync(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { WorkingDirectory = _folder.Path })!;
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(shell.ExitCode == 0, command);
        return "";
    }

    private static double[] Numbers(string text) => [.. Number().Matches(text).Select(match => double.Parse(match.Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"[+-]?[0-9]+\.[0-9]+")]
    private static partial Regex Number();
}
