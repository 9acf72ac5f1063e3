namespace Serve.Training.Boxes;

/// <summary>Whose conventions a two-stage detector follows where published programs differ, so that their weights and figures can be compared.</summary>
public enum DetectionDialect
{
    /// <summary>Detectron2: continuous boxes, aligned pooling, background last.</summary>
    Detectron2,

    /// <summary>Detectron, of the papers of 2017 and 2018: whole-pixel anchors, background first.</summary>
    Detectron,

    /// <summary>torchvision: continuous boxes, pooling as in Detectron, background first.</summary>
    Torchvision,
}

/// <summary>What a dialect decides.</summary>
/// <param name="AlignedPooling">Whether RoIAlign moves boxes by half a cell, so that pooling a map of coordinates gives the coordinates of the box.</param>
/// <param name="Sampling">Samples of RoIAlign an axis of a bin; 0 for as many as the bin has cells.</param>
/// <param name="LevelEpsilon">Added before the logarithm that chooses a box's level.</param>
/// <param name="ProposalBeta">Where the smooth L1 loss of proposals turns from square to linear; 0 for L1.</param>
/// <param name="BoxBeta">The same of the box head.</param>
/// <param name="BackgroundFirst">Whether weights store the background class before the categories; after them otherwise.</param>
/// <param name="BackgroundHasBox">Whether weights store a box regression for the background class.</param>
/// <param name="WholePixelAnchors">Whether the corners of anchors are whole pixels and their widths count both end pixels.</param>
public sealed record DialectRules(
    bool AlignedPooling, int Sampling, double LevelEpsilon, double ProposalBeta, double BoxBeta, bool BackgroundFirst, bool BackgroundHasBox, bool WholePixelAnchors)
{
    private static readonly DialectRules Detectron2 = new(
        AlignedPooling: true, Sampling: 0, LevelEpsilon: 1e-8, ProposalBeta: 0, BoxBeta: 0, BackgroundFirst: false, BackgroundHasBox: false, WholePixelAnchors: false);

    private static readonly DialectRules Detectron = new(
        AlignedPooling: false, Sampling: 2, LevelEpsilon: 1e-6, ProposalBeta: 1.0 / 9, BoxBeta: 1, BackgroundFirst: true, BackgroundHasBox: true, WholePixelAnchors: true);

    private static readonly DialectRules Torchvision = new(
        AlignedPooling: false, Sampling: 2, LevelEpsilon: 1e-6, ProposalBeta: 1.0 / 9, BoxBeta: 1.0 / 9, BackgroundFirst: true, BackgroundHasBox: true, WholePixelAnchors: false);

    /// <summary>The rules of a dialect.</summary>
    public static DialectRules Of(DetectionDialect dialect) => dialect switch
    {
        DetectionDialect.Detectron2 => Detectron2,
        DetectionDialect.Detectron => Detectron,
        DetectionDialect.Torchvision => Torchvision,
        _ => throw new ArgumentOutOfRangeException(nameof(dialect), dialect, "There is no such dialect."),
    };
}
