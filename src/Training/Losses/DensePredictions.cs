using Serve.Training.Boxes;
using Serve.Training.Models.Dense;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>The predictions of all levels in one row of anchors. B images, N anchors, K categories, R numbers for a box.</summary>
/// <param name="Classes">[B, N, K] logits.</param>
/// <param name="Boxes">[B, N, R].</param>
/// <param name="Centerness">[B, N] logits; null where there are none.</param>
/// <param name="Anchors">[N, 4] float32 xyxy, input pixels; level by level, cell by cell.</param>
/// <param name="Strides">[N, 1] float32, input pixels.</param>
/// <param name="PerLevel">Anchors of each level; together N.</param>
internal sealed record DensePredictions(Tensor Classes, Tensor Boxes, Tensor? Centerness, Tensor Anchors, Tensor Strides, IReadOnlyList<long> PerLevel)
{
    /// <summary>Lays the levels out, in tensors of the current dispose scope.</summary>
    public static DensePredictions Of(IReadOnlyList<DenseLevel> levels, DenseOptions options)
    {
        var device = levels[0].Classes.Value.device;
        List<(int Stride, long Height, long Width)> shapes = [.. levels.Select(level => (level.Stride, level.Classes.Value.shape[2], level.Classes.Value.shape[3]))];
        List<long> perLevel = [.. shapes.Select(shape => shape.Height * shape.Width * options.AnchorCount)];
        var hasCenterness = levels[0].Centerness is not null;
        return new DensePredictions(
            Rows(levels.Select(level => level.Classes.Value), options.CategoryCount),
            Rows(levels.Select(level => level.Boxes.Value), options.BoxChannels),
            hasCenterness ? Rows(levels.Select(level => level.Centerness!.Value), 1).squeeze(2) : null,
            AnchorGrid.Of(options.Anchors([.. levels.Select(level => level.Stride)]), shapes, device),
            cat([.. shapes.Zip(perLevel, (shape, count) => full(count, 1, shape.Stride, float32, device))]),
            perLevel);
    }

    // [B, A C, h, w]s -> [B, N, C]
    private static Tensor Rows(IEnumerable<Tensor> maps, long channels) => cat([.. maps.Select(map => map.permute(0, 2, 3, 1).reshape(map.shape[0], -1, channels))], 1);
}
