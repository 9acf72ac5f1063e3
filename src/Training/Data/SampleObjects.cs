using Serve.Eval;

namespace Serve.Training.Data;

/// <summary>The objects seen in a training image, in pixels of the canvas.</summary>
/// <param name="Boxes">N boxes.</param>
/// <param name="Labels">N indices into the dataset's categories.</param>
/// <param name="Crowds">Boxes of crowd regions.</param>
internal sealed record SampleObjects(IReadOnlyList<Box> Boxes, IReadOnlyList<int> Labels, IReadOnlyList<Box> Crowds)
{
    /// <summary>N masks, none of them empty; null where they were not read.</summary>
    public IReadOnlyList<MaskWindow>? Masks { get; init; }

    /// <summary>A mask for each of <see cref="Crowds"/>, its box where it was annotated without one; null where nothing is pasted.</summary>
    public IReadOnlyList<MaskWindow>? CrowdMasks { get; init; }
}
