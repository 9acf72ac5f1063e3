using CsCheck;
using Serve.Eval.Masks;
using Serve.Inference.Masks;

namespace Serve.Inference.Tests.Masks;

public class MaskOutlineTests
{
    private const int Width = 9;
    private const int Height = 7;

    [Fact]
    public void A_window_holds_the_pixels_of_the_run_lengths() => Gen.Bool.Array[Width * Height].Sample(pixels =>
    {
        var window = BitMask.Of(Runs(pixels, Width, Height));

        Assert.Equal(pixels, Enumerable.Range(0, pixels.Length).Select(i => window.At(i % Width - window.X, i / Width - window.Y)));
        Assert.Equal(pixels.Count(pixel => pixel), window.Area);
    });

    [Fact]
    public void Every_piece_has_its_outline_and_holes_have_none()
    {
        // A ring of 4 x 4 and a pixel beside it.
        bool[] rows = [.. ("####.#..." + "#..#....." + "#..#....." + "####....." + "........." + "........." + ".........").Select(c => c == '#')];

        var outlines = MaskOutline.Of(Runs(rows, Width, Height));

        Assert.Equal(2, outlines.Count);
        Assert.Contains(outlines, polygon => polygon.SequenceEqual([(0, 0), (4, 0), (4, 4), (0, 4)]));
        Assert.Contains(outlines, polygon => polygon.SequenceEqual([(5, 0), (6, 0), (6, 1), (5, 1)]));
    }

    [Fact]
    public void An_empty_mask_has_no_outline() => Assert.Empty(MaskOutline.Of(Runs(new bool[Width * Height], Width, Height)));

    [Fact]
    public void The_edge_of_a_large_comb_is_followed_to_its_end()
    {
        // A single piece whose edge has 300,000 corners.
        const int side = 800;
        bool[] pixels = [.. Enumerable.Range(0, side * side).Select(i => i / side == 0 || i % side % 2 == 0)];

        var polygon = Assert.Single(MaskOutline.Of(Runs(pixels, side, side)));

        Assert.Equal((0, side), (polygon.Min(corner => corner.X), polygon.Max(corner => corner.X)));
        Assert.Equal((0, side), (polygon.Min(corner => corner.Y), polygon.Max(corner => corner.Y)));
    }

    /// <summary>Run lengths of pixels row by row.</summary>
    private static RunLengths Runs(bool[] pixels, int width, int height)
    {
        var counts = new List<uint> { 0 };
        for (var i = 0; i < pixels.Length; i++)
        {
            var inside = pixels[(i % height * width) + (i / height)];
            if (inside == (counts.Count % 2 == 0))
                counts[^1]++;
            else
                counts.Add(1);
        }
        var mask = new RunLengths();
        Assert.True(mask.TrySet([.. counts], height, width));
        return mask;
    }
}
