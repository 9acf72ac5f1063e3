using System.Text.Json;

namespace Serve.Eval.Usb;

/// <summary>The numbers of one range of sizes, at the largest detection limit.</summary>
/// <param name="Name">Its name, such as <c>ASAP(8-16)</c>.</param>
/// <param name="Lower">Smallest size.</param>
/// <param name="Upper">Largest size.</param>
/// <param name="Ap">Average precision; null where no ground truth lies in the range.</param>
/// <param name="Ar">Average recall; null where no ground truth lies in the range.</param>
public sealed record ScaleBin(string Name, double Lower, double Upper, double? Ap, double? Ar);

/// <summary>One way to divide objects by size.</summary>
/// <param name="Name">Its name, such as <c>RSAP</c>.</param>
/// <param name="Unit">What its sizes are: <c>area</c> (square pixels), <c>scale</c> (pixels) or <c>relativeScale</c> (a part of the image).</param>
/// <param name="Bins">Its ranges.</param>
public sealed record ScaleMeasureReport(string Name, string Unit, IReadOnlyList<ScaleBin> Bins)
{
    /// <summary>What a range is called where those of all measures stand together: by its own name, or within the measure's as in <c>COCO(small)</c>.</summary>
    internal string NameOf(ScaleBin bin) => bin.Name == Name || bin.Name.EndsWith(')') ? bin.Name : $"{Name}({bin.Name})";
}

/// <summary>The numbers of one category over all sizes, at the largest detection limit; null where it has no ground truth.</summary>
/// <param name="Id">The category.</param>
/// <param name="Name">Its name.</param>
/// <param name="Ap">Average precision.</param>
/// <param name="Ap50">The same at overlap 0.5.</param>
/// <param name="Ap70">The same at overlap 0.7.</param>
/// <param name="Ap75">The same at overlap 0.75.</param>
public sealed record UsbCategoryReport(long Id, string Name, double? Ap, double? Ap50, double? Ap70, double? Ap75);

/// <summary>All that the benchmark says of one model on one dataset. Numbers are 0 to 1, and null where there is none.</summary>
public sealed record UsbScaleReport
{
    /// <summary>Name of the protocol.</summary>
    public required string Protocol { get; init; }

    /// <summary>Where areas of ground truths came from.</summary>
    public required AreaSource AreaSource { get; init; }

    /// <summary>The detection limit at which all numbers are read.</summary>
    public required int MaxDetections { get; init; }

    /// <summary>Images evaluated.</summary>
    public required int Images { get; init; }

    /// <summary>Average precision over all sizes.</summary>
    public required double? Cap { get; init; }

    /// <summary>The same at overlap 0.5.</summary>
    public required double? Ap50 { get; init; }

    /// <summary>The same at overlap 0.7.</summary>
    public required double? Ap70 { get; init; }

    /// <summary>The same at overlap 0.75.</summary>
    public required double? Ap75 { get; init; }

    /// <summary>Average precision by the rules of KITTI; only on Waymo's data.</summary>
    public required double? Kap { get; init; }

    /// <summary>Sizes: COCO's, then those that were asked for.</summary>
    public required IReadOnlyList<ScaleMeasureReport> Measures { get; init; }

    /// <summary>Numbers per category.</summary>
    public required IReadOnlyList<UsbCategoryReport> PerCategory { get; init; }

    /// <summary>Input that is evaluated otherwise than one might think, a sentence each.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The numbers over all sizes with their names, in the order in which they are shown.</summary>
    internal IReadOnlyList<(string Name, double? Value)> Overall => [("CAP", Cap), ("AP50", Ap50), ("AP70", Ap70), ("AP75", Ap75), ("KAP", Kap)];

    /// <summary>The report as JSON: full precision, camelCase names.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, UsbJson.Default.UsbScaleReport);

    /// <summary>The report as tables for a terminal.</summary>
    public string ToText() => UsbScaleText.Of(this);
}
