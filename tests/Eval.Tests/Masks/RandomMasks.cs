using CsCheck;
using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Masks;

/// <summary>Masks of all kinds.</summary>
internal static class RandomMasks
{
    public static Gen<(int Height, int Width)> Size { get; } = Gen.Select(Gen.Int[1, 90], Gen.Int[1, 90]);

    /// <summary>Polygons on and around an image of a size, on whole, half and any coordinates.</summary>
    public static Gen<double[]> Polygon((int Height, int Width) size)
    {
        var reach = Math.Max(size.Height, size.Width) * 2;
        var coordinate = Gen.OneOf(Gen.Int[-reach / 2, reach].Select(n => (double)n), Gen.Int[-reach, reach * 2].Select(n => n / 2.0), Gen.Int[-reach * 3, reach * 6].Select(n => n / 10.0), Gen.Double[-reach, reach]);
        return coordinate.Array[0, 40];
    }

    /// <summary>Runs that fill the image, some of no pixels where that is wanted.</summary>
    public static Gen<RunLengths> Runs((int Height, int Width) size, int shortest = 0)
        => Gen.OneOf(Gen.Int[shortest, 4], Gen.Int[shortest, 40], Gen.Int[shortest, 400]).Array[0, 300].Select(counts => Of(counts, size));

    /// <summary>A mask of a size, with another of the same size.</summary>
    public static Gen<(RunLengths First, RunLengths Second)> Pair(int shortest = 0)
        => Size.SelectMany(size => Gen.Select(Runs(size, shortest), Runs(size, shortest)));

    /// <summary>A few rectangles, put together.</summary>
    public static Gen<NaiveMask> Blobs { get; } = Size.SelectMany(size => Gen.Select(Gen.Int[0, size.Height - 1], Gen.Int[0, size.Width - 1], Gen.Int[1, 70], Gen.Int[1, 70]).Array[0, 4]
        .Select(boxes => NaiveMask.From(size.Height, size.Width, (row, column) => boxes.Any(box => row >= box.Item1 && row < box.Item1 + box.Item3 && column >= box.Item2 && column < box.Item2 + box.Item4))));

    public static RunLengths Of(NaiveMask mask)
    {
        var runs = new RunLengths();
        MaskPixels.Read([.. mask.Pixels.Select(inside => (byte)(inside ? 1 : 0))], mask.Height, mask.Width, runs);
        return runs;
    }

    private static RunLengths Of(int[] counts, (int Height, int Width) size)
    {
        var ends = new List<uint>();
        var rest = (uint)(size.Height * size.Width);
        foreach (var count in counts.TakeWhile(_ => rest > 0))
        {
            ends.Add(Math.Min((uint)count, rest));
            rest -= ends[^1];
        }
        ends.Add(rest);
        return TestMasks.Of([.. ends], size.Height, size.Width);
    }
}
