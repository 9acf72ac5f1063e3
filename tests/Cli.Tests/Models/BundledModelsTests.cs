using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Serve.Cli.Models;
using Serve.Inference.Models;

namespace Serve.Cli.Tests.Models;

public class BundledModelsTests
{
    private const long LargestTotal = 60_000_000;

    private static readonly string Folder = Path.Combine(TestFiles.Root, "models");

    /// <summary>Those of the repository: the folder may hold others that its user put there.</summary>
    public static TheoryData<string> Names => [.. Bundled];

    private static string[] Bundled => ["blood-cells", "demo-scenes"];

    [Fact]
    public async Task The_readme_has_the_table_that_the_models_command_writes()
    {
        var readme = File.ReadAllText(Path.Combine(TestFiles.Root, "README.md"));
        await using var repository = ModelOptions.OpenRepository(new DirectoryInfo(Folder), "cpu");

        var (passports, faults) = await ModelPassports.ReadAsync(repository, TestContext.Current.CancellationToken);

        Assert.Empty(faults);
        Assert.Equal(ModelsCommand.Replace(readme, ModelsCommand.Table(passports.Where(passport => Bundled.Contains(passport.Name))), "README.md"), readme);
        Assert.All(Bundled, name => Assert.Contains($"| `{name}` 1 |", readme));
    }

    [Fact]
    public void Together_they_are_small()
        => Assert.InRange(Bundled.SelectMany(name => Directory.EnumerateFiles(Path.Combine(Folder, name), "*.onnx", SearchOption.AllDirectories)).Sum(file => new FileInfo(file).Length), 1, LargestTotal);

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_has_one_passport_beside_the_file_and_inside_it(string name)
    {
        var folder = Path.Combine(Folder, name, "1");
        var passport = Passport.Read(Path.Combine(folder, Passport.FileName));

        using var session = new InferenceSession(Path.Combine(folder, "model.onnx"));

        // Compared as read: a field that came later is in neither file, and has its default in both.
        Assert.Equal(passport.ToJson(), Passport.FromJson(session.ModelMetadata.CustomMetadataMap[Passport.MetadataKey], "metadata").ToJson());
        Assert.Equal((name, 1), (passport.Name, passport.Version));
        Assert.Contains(passport.Provenance!.Metrics, metrics => metrics.Dataset.EndsWith("/test", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Blood_cells_obtains_what_its_passport_claims_and_what_was_asked_of_it()
    {
        var data = TestFiles.Shared("data/bccd");
        using var folder = TestFiles.NewFolder();

        var run = await CommandRun.OfAsync("evaluate", "--model", "blood-cells", "--models", Folder, "--data", data, "--json", folder.File("report.json"));

        Assert.Equal(0, run.ExitCode);
        using var report = JsonDocument.Parse(File.ReadAllText(folder.File("report.json")));
        var stats = report.RootElement.GetProperty("stats").EnumerateArray().Select(number => number.GetDouble()).ToArray();
        var claimed = Passport.Read(Path.Combine(Folder, "blood-cells", "1", Passport.FileName)).Provenance!.Metrics.Single(metrics => metrics.Dataset == "bccd/test");

        // Processors differ in the last bits of a convolution, so the third decimal is what can be held to everywhere.
        Assert.Equal(claimed.Values["AP"], stats[0], 1e-3);
        Assert.Equal(claimed.Values["AP50"], stats[1], 1e-3);
        Assert.True(stats[0] >= 0.58 && stats[1] >= 0.89, $"AP {stats[0]}, AP50 {stats[1]}");
    }
}
