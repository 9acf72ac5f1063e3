using Serve.Eval;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Inference.Evaluation;
using Serve.Inference.Models;
using Serve.Training.Export;
using Serve.Training.Runs;

namespace Serve.Training.Tests.Acceptance;

/// <summary>What the server makes of a run's best weights.</summary>
internal static class ServedEvaluation
{
    /// <summary>COCO's numbers by name on the split <c>val</c>: exported, in ONNX Runtime, through the server's own pipeline.</summary>
    public static async Task<IReadOnlyDictionary<string, double>> OfAsync(RunFolder run, string modelFolder, DatasetFolder data, CocoProtocol protocol, CancellationToken ct)
    {
        var passport = run.BuildPassport("acceptance", 1, CheckpointKind.Best, multiplyAdds: 1);
        using (var detector = run.LoadDetector(CheckpointKind.Best))
            OnnxExporter.Write(detector, passport, Path.Combine(modelFolder, ModelPublisher.FileName));
        await passport.WriteAsync(Path.Combine(modelFolder, Passport.FileName), ct);

        var dataset = await data.ReadAsync("val", protocol.Parts, ct: ct);
        await using var model = DetectionModel.Load(modelFolder, "cpu");
        var found = await DatasetDetection.DetectAsync(model, data, dataset, 0, dataset.Images.Count, protocol.DetectionsPerImage, protocol.Parts, progress: null, ct);
        return Evaluator.Evaluate(dataset, found, protocol, ct: ct).Summary.ToDictionary(number => number.Name, number => number.Value ?? -1);
    }
}
