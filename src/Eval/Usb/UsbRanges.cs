using System.Globalization;

namespace Serve.Eval.Usb;

/// <summary>
/// The ranges of object sizes of the benchmark. Both ends are inclusive, so that an object exactly on an edge counts in two. Names are those of the summary's
/// numbers, and all differ.
/// </summary>
public static class UsbRanges
{
    private const int FinestPart = 256;
    private const int FinestScale = 8;
    private const int CoarsestScale = 1024;
    private const int LinearStep = 32;
    private const double LargestScale = 1e5;

    /// <summary>
    /// Relative-scale AP: all from 0 to 1, then nine ranges: 0 to 1/256, and the octaves 1/256 to 1/128, ... 1/2 to 1. All is not all of <see cref="AreaRange.Coco"/>: unmatched
    /// detections larger than the image do not count.
    /// </summary>
    public static IReadOnlyList<AreaRange> RelativeScale { get; } = [.. RelativeScales()];

    /// <summary>Absolute-scale AP: nine ranges of pixels: 0 to 8, the octaves 8 to 16, ... 512 to 1024, and 1024 to 100000.</summary>
    public static IReadOnlyList<AreaRange> AbsoluteScale { get; } = [.. Octaves().Zip(Octaves().Skip(1), Absolute)];

    /// <summary>Absolute-scale AP in even steps of 32 pixels: 0 to 32, 32 to 64, ... 1024 to 100000.</summary>
    public static IReadOnlyList<AreaRange> LinearScale { get; } =
        [.. Enumerable.Range(0, (CoarsestScale / LinearStep) + 1).Select(i => Absolute(i * LinearStep, i * LinearStep == CoarsestScale ? LargestScale : (i + 1) * LinearStep))];

    /// <summary>The ranges of the TinyPerson benchmark, in pixels.</summary>
    public static IReadOnlyList<AreaRange> TinyPerson { get; } =
    [
        Tiny("TinyPerson", 1, LargestScale), Tiny("TinyPerson(tiny)", 1, 20), Tiny("TinyPerson(tiny1)", 1, 8), Tiny("TinyPerson(tiny2)", 8, 12),
        Tiny("TinyPerson(tiny3)", 12, 20), Tiny("TinyPerson(small)", 20, 32), Tiny("TinyPerson(reasonable)", 32, LargestScale),
    ];

    private static IEnumerable<AreaRange> RelativeScales()
    {
        yield return new("RSAP", 0, 1) { Measure = SizeMeasure.RelativeScale };
        var (lower, lowerName) = (0.0, "0");
        for (var part = FinestPart; part >= 1; part /= 2)
        {
            var (upper, upperName) = (1.0 / part, part == 1 ? "1" : string.Create(CultureInfo.InvariantCulture, $"1/{part}"));
            yield return new($"RSAP({lowerName}-{upperName})", lower, upper) { Measure = SizeMeasure.RelativeScale };
            (lower, lowerName) = (upper, upperName);
        }
    }

    private static IEnumerable<double> Octaves()
    {
        yield return 0;
        for (var scale = FinestScale; scale <= CoarsestScale; scale *= 2)
            yield return scale;
        yield return LargestScale;
    }

    private static AreaRange Absolute(double lower, double upper)
        => new(string.Create(CultureInfo.InvariantCulture, $"ASAP({lower}-{upper})"), lower, upper) { Measure = SizeMeasure.Scale };

    private static AreaRange Tiny(string name, double lower, double upper) => new(name, lower, upper) { Measure = SizeMeasure.Scale };
}
