using Serve.Training.Models;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Export;

/// <summary>Detects one object, which is all of the valid part, with the mask of its left half.</summary>
internal sealed class WholePictureDetector : Detector
{
    private readonly Parameter score = new(ones(1) * 0.75);

    private readonly double right;

    /// <param name="right">What the right half of the mask has.</param>
    public WholePictureDetector(double right = 0.1) : base(nameof(WholePictureDetector))
    {
        this.right = right;
        RegisterComponents();
    }

    /// <summary>What it was run on, in order.</summary>
    public List<Batch> Seen { get; } = [];

    public override DetectorLosses Loss(TrainingInput input) => throw new NotSupportedException();

    public override DetectorOutput Detect(DetectorInput input, ThresholdShift shift = default)
    {
        var ends = input.Sizes!;                                                         // [B, 2]
        Seen.Add(new(string.Join('x', input.Images.Value.shape), [.. ends.Value.unbind(0).Select(row => $"{row[0].item<float>()}x{row[1].item<float>()}")]));
        var zero = ends * 0;
        var scores = zero.Slice(1, 0, 1) + new TracedTensor(score);                      // [B, 1]
        var side = scores.Unsqueeze(2).Unsqueeze(3);
        var column = Shapes.Concat(2, side, side);
        return new(
            Shapes.Concat(1, zero, ends).Unsqueeze(1), scores, zero.Slice(1, 0, 1).Cast(int64), Shapes.Concat(3, column, column * right)); // [B, 1, 2, 2]
    }

    /// <summary>A batch: its shape, and the valid size of each image, width first.</summary>
    public sealed record Batch(string Shape, IReadOnlyList<string> Valid)
    {
        public override string ToString() => $"{Shape} {string.Join(' ', Valid)}";
    }
}
