using CsCheck;
using Serve.Eval.Masks;
using Serve.Training.Data;

namespace Serve.Training.Tests.Data;

public class MaskWindowTests
{
    private static readonly Gen<(bool[] One, bool[] Other)> Pairs = Gen.Select(Gen.Bool.Array[12 * 9], Gen.Bool.Array[12 * 9]);

    [Fact]
    public void A_square_has_its_area_its_box_and_its_pixels()
    {
        var mask = MaskWindow.Full(2, 3, 12, 8);

        Assert.Equal(50, mask.Area);
        Assert.Equal(new(2, 3, 12, 8), mask.TightBox);
        Assert.True(mask.Contains(11, 7));
        Assert.False(mask.Contains(12, 7));
    }

    [Fact]
    public void Set_operations_are_those_of_the_pixels() => Pairs.Sample(
        pair =>
        {
            var (one, other) = (Window(pair.One), Window(pair.Other));

            var without = one.Without(other);
            var union = MaskWindow.Union([one, other]);

            for (var i = 0; i < pair.One.Length; i++)
            {
                Assert.Equal(pair.One[i], one.Contains(i % 12, i / 12));
                Assert.Equal(pair.One[i] && !pair.Other[i], without.Contains(i % 12, i / 12));
                Assert.Equal(pair.One[i] || pair.Other[i], union.Contains(i % 12, i / 12));
            }

            Assert.Equal(pair.One.Zip(pair.Other).Count(p => p.First && !p.Second), without.Area);
            if (without.Area > 0)
                Assert.Equal(new(without.X, without.Y, without.X + without.Width, without.Y + without.Height), without.TightBox);
        },
        iter: 200);

    [Fact]
    public void A_mask_that_loses_nothing_stays_the_same_object()
    {
        var mask = MaskWindow.Full(0, 0, 4, 4);

        Assert.Same(mask, mask.Without(MaskWindow.Full(4, 0, 9, 9)));
        Assert.Equal(0, mask.Without(MaskWindow.Full(0, 0, 9, 9)).Area);
    }

    [Fact]
    public void Only_the_wanted_part_of_run_lengths_is_kept()
    {
        var mask = new RunLengths();
        Assert.True(mask.TrySet([13, 4, 6, 4], height: 10, width: 5)); // column 1, rows 3..6; column 2, rows 3..6

        var window = MaskWindow.Of(mask, (0, 5, 2, 10));

        Assert.Equal(new(1, 5, 2, 7), window.TightBox);
        Assert.Equal(2, window.Area);
        Assert.Equal(0, MaskWindow.Of(mask, (3, 0, 5, 10)).Area);
    }

    private static MaskWindow Window(bool[] pixels) => new(0, 0, 12, 9, [.. pixels.Select(pixel => (byte)(pixel ? 1 : 0))]);
}
