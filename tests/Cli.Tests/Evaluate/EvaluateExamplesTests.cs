namespace Serve.Cli.Tests.Evaluate;

/// <summary>The examples of <c>serve evaluate --help</c>, and of the first page of the repository, run one after another as they stand there.</summary>
public sealed class EvaluateExamplesTests : IDisposable
{
    private const string Prompt = "serve ";

    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_example_of_the_help_runs()
    {
        var help = (await CommandRun.OfAsync("evaluate", "--help")).Output;
        string[] examples = [.. help.Split('\n').Select(line => line.Replace("Examples:", "", StringComparison.Ordinal).Trim()).Where(line => line.StartsWith(Prompt, StringComparison.Ordinal))];

        Assert.Equal(4, examples.Length);
        foreach (var example in examples)
        {
            var run = await CommandRun.OfAsync([.. example[Prompt.Length..].Split(' ').Select(InFolder), .. Smaller(example)]);

            Assert.True(run.ExitCode == 0, $"{example}: {run.Error}");
        }
        Assert.Equal(
            ["data", "numbers.csv", "report.html", "report.json", "report.md", "results.json"],
            Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_example_of_the_first_page_runs()
    {
        var section = File.ReadAllText(Path.Combine(TestFiles.Root, "README.md")).Split("\n## Evaluate\n")[1].Split("```")[1];
        string[] examples = [.. section.Split('\n').Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0)];
        await CommandRun.OfAsync("data", "make", "--out", _folder.File("data/scenes"), "--train", "1", "--val", "1", "--test", "2");

        Assert.Equal(5, examples.Length);
        foreach (var example in examples)
        {
            // The model that the page trained before is here the bundled one.
            var words = example.Replace("--model first", "--model demo-scenes", StringComparison.Ordinal)["./serve ".Length..].Split(' ');
            var run = await CommandRun.OfAsync([.. words.Select(InFolder), .. Smaller(example)]);

            Assert.True(run.ExitCode == 0, $"{example}: {run.Error}");
        }
        Assert.Equal(
            ["bundled.json", "data", "first.json", "report.html", "report.md"],
            Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private string InFolder(string word) => word.StartsWith("data/", StringComparison.Ordinal) || Path.HasExtension(word) ? _folder.File(word) : word;

    private static string[] Smaller(string example)
        => example.Contains(" make ", StringComparison.Ordinal) ? ["--train", "1", "--val", "1", "--test", "2"]
            : example.Contains(" --model ", StringComparison.Ordinal) ? ["--models", Path.Combine(TestFiles.Root, "models"), "--device", "cpu"] : [];
}
