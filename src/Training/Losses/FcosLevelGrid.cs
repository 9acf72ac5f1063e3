using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>Size of one pyramid level.</summary>
/// <param name="Stride">Input pixels between two cells.</param>
/// <param name="Height">Rows of cells.</param>
/// <param name="Width">Columns of cells.</param>
public readonly record struct FcosLevelShape(int Stride, long Height, long Width);

/// <summary>The cells of all pyramid levels in one row, finest level first, row by row. L is their number.</summary>
/// <param name="X">[L] float32, centre of each cell, input pixels.</param>
/// <param name="Y">[L] float32, centre of each cell, input pixels.</param>
/// <param name="Stride">[L] float32, input pixels.</param>
/// <param name="Lower">[L] float32, smallest largest-distance that the cell's level is responsible for, pixels, inclusive.</param>
/// <param name="Upper">[L] float32, largest one, inclusive.</param>
public sealed record FcosLevelGrid(Tensor X, Tensor Y, Tensor Stride, Tensor Lower, Tensor Upper)
{
    private const float Unlimited = 1e8f;

    /// <summary>Lays out the cells. FCOS, Tian et al. 2019, section 3.2: a level of stride s takes distances of 4 s to 8 s, the first and last all that is left.</summary>
    /// <param name="levels">Levels by rising stride.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <returns>Five tensors in the current dispose scope.</returns>
    public static FcosLevelGrid Create(IReadOnlyList<FcosLevelShape> levels, Device device)
    {
        List<Tensor> x = [], y = [], stride = [], lower = [], upper = [];
        for (var i = 0; i < levels.Count; i++)
        {
            var (s, height, width) = levels[i];
            var centre = s / 2;
            x.Add((arange(width, float32, device) * s + centre).repeat(height));                // [H * W]
            y.Add((arange(height, float32, device) * s + centre).repeat_interleave(width));     // [H * W]
            stride.Add(Constant(s));
            lower.Add(Constant(i == 0 ? -1 : 4 * s));
            upper.Add(Constant(i == levels.Count - 1 ? Unlimited : 8 * s));

            Tensor Constant(float value) => full(height * width, value, float32, device);
        }

        return new(cat(x), cat(y), cat(stride), cat(lower), cat(upper));
    }
}
