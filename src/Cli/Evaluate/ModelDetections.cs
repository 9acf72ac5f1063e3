using System.CommandLine;
using Serve.Cli.Models;
using Serve.Cli.Terminal;
using Serve.Eval.Datasets;
using Serve.EvalCli;
using Serve.Inference.Evaluation;

namespace Serve.Cli.Evaluate;

/// <summary>The detections of a model on a split of a dataset, for <c>serve evaluate</c>.</summary>
internal static class ModelDetections
{
    public static DetectionSource Source()
    {
        var model = ModelOptions.Model();
        model.Required = false;
        var models = ModelOptions.Models();
        var data = new Option<string?>("--data") { Description = "Dataset folder. With --model." };
        var split = new Option<string?>("--split") { Description = "Split of the dataset; test when not given, or the only one." };
        var device = ModelOptions.Device();
        return new DetectionSource(
            [model, models, data, split, device],
            parsed => parsed.GetValue(model) is not null || parsed.GetValue(data) is not null,
            async (parsed, _, ct) => (parsed.GetValue(model), parsed.GetValue(data)) is ({ } name, { } folder)
                ? await DetectAsync(name, parsed.GetValue(models), parsed.GetValue(device)!, folder, parsed.GetValue(split), parsed.InvocationConfiguration.Error, ct)
                : null);
    }

    private static async Task<EvaluationInput> DetectAsync(
        string model, DirectoryInfo? models, string device, string data, string? split, TextWriter error, CancellationToken ct)
    {
        var folder = DatasetFolder.Open(data);
        var name = split ?? (folder.Splits.Count == 1 ? folder.Splits[0] : "test");
        var dataset = await folder.ReadAsync(name, ct);
        await using var detector = await ModelOptions.LoadAsync(model, models, device, ct);
        var table = await WorkProgress.RunAsync("detecting", dataset.Images.Count, error, progress =>
            DatasetDetection.DetectAsync(detector.Model, folder, dataset, 0, dataset.Images.Count, progress, ct));
        return new(dataset, table, $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(data)))}/{name}", DetectionsName: null, detector.Model.Passport.Name);
    }
}
