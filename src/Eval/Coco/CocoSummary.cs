using System.Globalization;
using Serve.Eval.Metrics;

namespace Serve.Eval.Coco;

/// <summary>The twelve numbers of the COCO summary. Null where no ground truth counts, or where the parameters lack what the number needs.</summary>
/// <remarks>
/// As in the reference, <see cref="Ap"/> is read at a limit of exactly 100 detections, and is null where the limits do not name it. The
/// other precisions are read at the third limit, AP50 and AP75 at thresholds of exactly 0.5 and 0.75, areas at the ranges of those names.
/// </remarks>
public sealed record CocoSummary
{
    /// <summary>How many detection limits the summary needs.</summary>
    public const int LimitsNeeded = 3;

    private const int LimitOfAp = 100;

    private readonly double?[] values;

    private CocoSummary(double?[] values, IReadOnlyList<string> names) => (this.values, Names) = (values, names);

    /// <summary>Names of the twelve numbers, in order: those of recall name the limits in force.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The twelve numbers in the reference's order, null where there is none.</summary>
    public IReadOnlyList<double?> Values => values;

    /// <summary>Mean precision over categories, recall points and overlap thresholds, all areas, 100 detections.</summary>
    public double? Ap => values[0];

    /// <summary>The same at overlap 0.5 and the third limit.</summary>
    public double? Ap50 => values[1];

    /// <summary>The same at overlap 0.75 and the third limit.</summary>
    public double? Ap75 => values[2];

    /// <summary>Mean precision of small objects.</summary>
    public double? ApSmall => values[3];

    /// <summary>Mean precision of medium objects.</summary>
    public double? ApMedium => values[4];

    /// <summary>Mean precision of large objects.</summary>
    public double? ApLarge => values[5];

    /// <summary>Mean recall at the first limit (by default 1 detection).</summary>
    public double? ArFirst => values[6];

    /// <summary>Mean recall at the second limit (by default 10 detections).</summary>
    public double? ArSecond => values[7];

    /// <summary>Mean recall at the third limit (by default 100 detections).</summary>
    public double? Ar => values[8];

    /// <summary>Mean recall of small objects.</summary>
    public double? ArSmall => values[9];

    /// <summary>Mean recall of medium objects.</summary>
    public double? ArMedium => values[10];

    /// <summary>Mean recall of large objects.</summary>
    public double? ArLarge => values[11];

    /// <summary>Summarises curves; null where they have fewer than three detection limits, of which the reference makes no summary either.</summary>
    public static CocoSummary? From(PrecisionRecall curves)
    {
        ArgumentNullException.ThrowIfNull(curves);
        var limits = curves.MaxDetections;
        if (limits.Length < LimitsNeeded)
            return null;
        var last = limits[2];
        var means = new CurveMeans(curves);
        return new(
            [
                means.Precision(null, "all", LimitOfAp),
                means.Precision(0.5, "all", last),
                means.Precision(0.75, "all", last),
                means.Precision(null, "small", last),
                means.Precision(null, "medium", last),
                means.Precision(null, "large", last),
                means.Recall("all", limits[0]),
                means.Recall("all", limits[1]),
                means.Recall("all", last),
                means.Recall("small", last),
                means.Recall("medium", last),
                means.Recall("large", last),
            ],
            ["AP", "AP50", "AP75", "APs", "APm", "APl", Limit(limits[0]), Limit(limits[1]), Limit(last), "ARs", "ARm", "ARl"]);
    }

    private static string Limit(int limit) => string.Create(CultureInfo.InvariantCulture, $"AR@{limit}");
}
