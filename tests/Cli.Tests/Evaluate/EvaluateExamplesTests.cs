using System.Text.Json.Nodes;

namespace Serve.Cli.Tests.Evaluate;

/// <summary>The examples of <c>serve evaluate --help</c>, run one after another as they stand there: on the generated dataset, and with results of its own truth.</summary>
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
            if (example.Contains(" make ", StringComparison.Ordinal))
                WriteResults();
        }
        Assert.Equal(
            ["data", "numbers.csv", "report.html", "report.json", "report.md", "results.json"],
            Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private string InFolder(string word) => word.StartsWith("data/", StringComparison.Ordinal) || Path.HasExtension(word) ? _folder.File(word) : word;

    private static string[] Smaller(string example)
        => example.Contains(" make ", StringComparison.Ordinal) ? ["--train", "1", "--val", "1", "--test", "2"]
            : example.Contains(" --model ", StringComparison.Ordinal) ? ["--models", Path.Combine(TestFiles.Root, "models"), "--device", "cpu"] : [];

    private void WriteResults()
    {
        var truth = JsonNode.Parse(File.ReadAllText(_folder.File("data/scenes/annotations/instances_test.json")))!;
        var results = truth["annotations"]!.AsArray().Select((annotation, i) => (JsonNode)new JsonObject
        {
            ["image_id"] = annotation!["image_id"]!.DeepClone(),
            ["category_id"] = annotation["category_id"]!.DeepClone(),
            ["bbox"] = annotation["bbox"]!.DeepClone(),
            ["score"] = 1.0 / (i + 1),
        });
        File.WriteAllText(_folder.File("results.json"), new JsonArray([.. results]).ToJsonString());
    }
}
