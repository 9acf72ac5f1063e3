using Serve.Eval.Coco;
using Serve.Eval.Lvis;
using Serve.Eval.Metrics;
using Serve.Eval.Usb;
using Serve.Eval.Voc;

namespace Serve.Eval.Reports;

/// <summary>A range of object sizes, inclusive on both ends.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Lower">Smallest size.</param>
/// <param name="Upper">Largest size, in the same unit.</param>
public sealed record AreaRangeReport(string Name, double Lower, double Upper)
{
    /// <summary>What sizes are.</summary>
    public SizeMeasure Measure { get; init; }
}

/// <summary>The parameters that were in force.</summary>
/// <param name="IouThresholds">Overlaps that make a match.</param>
/// <param name="MaxDetections">Detection limits, ascending.</param>
/// <param name="AreaRanges">Sizes evaluated separately.</param>
/// <param name="UseCategories">False where categories were pooled.</param>
public sealed record ParameterReport(
    IReadOnlyList<double> IouThresholds, IReadOnlyList<int> MaxDetections, IReadOnlyList<AreaRangeReport> AreaRanges, bool UseCategories)
{
    /// <summary>Recalls at which precision is read.</summary>
    public IReadOnlyList<double> RecallThresholds { get; init; } = [];

    /// <summary>Whether the reference evaluator was reproduced to its faults.</summary>
    public bool StrictReference { get; init; }

    /// <summary>Images that were chosen; null for all of the dataset.</summary>
    public IReadOnlyList<long>? ImageIds { get; init; }

    /// <summary>Categories that were chosen; null for all of the dataset.</summary>
    public IReadOnlyList<long>? CategoryIds { get; init; }

    /// <summary>Keypoints: how fast similarity falls with distance, a number each; null for other protocols.</summary>
    public IReadOnlyList<double>? Sigmas { get; init; }

    /// <summary>Boundary IoU: width of the boundary region as a part of the image's diagonal; null for other protocols.</summary>
    public double? DilationRatio { get; init; }

    /// <summary>Pascal VOC: whether boxes reach to the end of their last pixel, as in the development kit; null for other protocols.</summary>
    public bool? InclusivePixels { get; init; }

    /// <summary>USB: where the area of a ground truth comes from; null for other protocols.</summary>
    public AreaSource? AreaSource { get; init; }

    /// <summary>USB: whether images without annotations, and very small ones, were left out; null for other protocols.</summary>
    public bool? FilterEmpty { get; init; }

    /// <summary>The parameters of an evaluation.</summary>
    internal static ParameterReport Of(Protocol protocol, PrecisionRecall curves) => new(
        curves.IouThresholds, curves.MaxDetections,
        [.. curves.AreaRanges.Select(range => new AreaRangeReport(range.Name, range.Lower, range.Upper) { Measure = range.Measure })], protocol.UseCategories)
    {
        RecallThresholds = curves.RecallThresholds,
        StrictReference = protocol.StrictReference,
        ImageIds = protocol.ImageIds,
        CategoryIds = protocol.CategoryIds,
        Sigmas = protocol is CocoProtocol { Kind: IouKind.Keypoints } keypoints ? keypoints.Sigmas : null,
        DilationRatio = protocol switch
        {
            CocoProtocol { Kind: IouKind.Boundaries } coco => coco.DilationRatio,
            LvisProtocol { Kind: IouKind.Boundaries } lvis => lvis.DilationRatio,
            _ => null,
        },
        InclusivePixels = (protocol as VocProtocol)?.InclusivePixels,
        AreaSource = (protocol as UsbProtocol)?.AreaSource,
        FilterEmpty = (protocol as UsbProtocol)?.FilterEmpty,
    };
}
