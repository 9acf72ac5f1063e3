using System.CommandLine;
using Serve.Cli.Models;
using Serve.Cli.Terminal;
using Serve.Eval;
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
        var data = new Option<string?>("--data") { Description = "Dataset folder. With --model, and a protocol of boxes, or of masks where the model gives them." };
        var split = new Option<string?>("--split") { Description = "Split of the dataset; test when not given, or the only one." };
        var device = ModelOptions.Device();
        var output = new Option<string?>("--detections-out") { Description = "File for the detections as COCO results, which --detections of evaluate and compare reads. With --model." };
        return new DetectionSource(
            [model, models, data, split, device, output],
            parsed => (parsed.GetValue(model) ?? parsed.GetValue(data) ?? parsed.GetValue(output)) is not null,
            [output],
            async (parsed, needs, ct) =>
            {
                if ((parsed.GetValue(model), parsed.GetValue(data)) is not ({ } name, { } folder))
                    return null;
                var input = await DetectAsync(
                    name, parsed.GetValue(models), parsed.GetValue(device)!, folder, parsed.GetValue(split), needs, parsed.InvocationConfiguration.Error, ct);
                if (parsed.GetValue(output) is { } file)
                    await CocoResults.WriteAsync(file, input.Detections, ct);
                return input;
            });
    }

    private static async Task<EvaluationInput> DetectAsync(
        string model, DirectoryInfo? models, string device, string data, string? split, InputNeeds needs, TextWriter error, CancellationToken ct)
    {
        var protocol = needs.Protocol;
        Require(ModelProtocols.FaultOf(protocol), protocol);
        var folder = DatasetFolder.Open(data);
        var name = split ?? (folder.Splits.Count == 1 ? folder.Splits[0] : "test");
        var dataset = await folder.ReadAsync(name, protocol.Parts, needs.Hash, ct);
        await using var detector = await ModelOptions.LoadAsync(model, models, device, ct);
        Require(ModelProtocols.FaultOf(protocol, detector.Model.Passport), protocol);
        // Where only some images or categories are evaluated, the others need no masks.
        if (protocol is { Parts: AnnotationParts.Segmentations, ImageIds: null, CategoryIds: null })
            dataset.RequireMasks($"{folder.Name}/{name}");
        var table = await WorkProgress.RunAsync("detecting", dataset.Images.Count, error, progress =>
            DatasetDetection.DetectAsync(detector.Model, folder, dataset, 0, dataset.Images.Count, protocol.DetectionsPerImage, protocol.Parts, progress, ct));
        return new(dataset, table, $"{folder.Name}/{name}", DetectionsName: null, detector.Model.Passport.Name);
    }

    private static void Require(string? fault, Protocol protocol)
    {
        if (fault is not null)
            throw new InvalidInputException($"--protocol: {fault} Results with {(protocol.Parts is AnnotationParts.Keypoints ? "keypoints" : "masks")} are evaluated with --truth and --detections.");
    }
}
