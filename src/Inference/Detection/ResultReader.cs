using Microsoft.ML.OnnxRuntime;
using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Onnx;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Detection;

/// <summary>Turns a model's outputs into detections on the original picture.</summary>
internal sealed class ResultReader
{
    private readonly Passport _passport;
    private readonly OutputFamily _family;

    private ResultReader(Passport passport)
    {
        _passport = passport;
        _family = OutputFamily.Of(passport.Family);
        Outputs = [.. _family.Outputs(passport).Select(output => output.Name)];
    }

    public IReadOnlyList<string> Outputs { get; }

    public static ResultReader Create(Passport passport) => new(passport);

    public IEnumerable<string> Faults(IReadOnlyList<GraphTensor> outputs)
    {
        foreach (var wanted in _family.Outputs(_passport))
        {
            if (outputs.FirstOrDefault(output => output.Name == wanted.Name) is not { } output)
                yield return $"there is no output '{wanted.Name}'; outputs are {string.Join(", ", outputs.Select(output => output.Name))}";
            else if (output.Type != wanted.Type)
                yield return $"output '{wanted.Name}' is {output.Type}, expected {wanted.Type}";
            else if (output.Shape?.Count != wanted.Rank)
                yield return $"output '{wanted.Name}' is {output.ShapeText}, expected {wanted.Rank} dimensions";
        }
    }

    public void Decode(IReadOnlyList<OrtValue> outputs, int index, in ResizePlan plan, DetectionOptions options, double defaultThreshold, List<DetectedObject> detections)
    {
        var candidates = new List<Candidate>();
        _family.Decode(outputs, index, _passport, candidates);
        var threshold = options.ScoreThreshold ?? defaultThreshold;
        foreach (var candidate in candidates.OrderByDescending(candidate => candidate.Score))
        {
            if (candidate.Score < threshold || detections.Count == options.MaxDetections)
                break;
            var box = plan.Clip(plan.ToOriginal(candidate.Box));
            if (box.Width > 0 && box.Height > 0)
                detections.Add(new DetectedObject(_passport.Categories[candidate.Label], candidate.Score, box));
        }
    }
}
