using CsCheck;
using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Masks;

public class RunLengthsTests
{
    private static readonly Gen<RunLengths> Any = RandomMasks.Size.SelectMany(size => RandomMasks.Runs(size));

    [Fact]
    public void Area_and_box_are_those_of_the_pixels()
        => Any.Sample(mask => mask.Area == NaiveMask.Of(mask).Area && mask.EnclosingBox() == NaiveMask.Of(mask).Box(), iter: 200);

    [Fact]
    public void Pixels_and_back_are_the_same_mask()
        => RandomMasks.Blobs.Sample(mask => NaiveMask.Of(RandomMasks.Of(mask)).Pixels.SequenceEqual(mask.Pixels), iter: 200);

    [Fact]
    public void Pixels_are_written_as_they_are()
        => Any.Sample(mask =>
        {
            var pixels = new byte[mask.Height * mask.Width];
            pixels.AsSpan().Fill(7);
            MaskPixels.Write(mask, pixels);
            return pixels.Select(pixel => pixel == 1).SequenceEqual(NaiveMask.Of(mask).Pixels) && pixels.All(pixel => pixel <= 1);
        }, iter: 200);

    [Fact]
    public void A_mask_that_is_filled_again_forgets_what_was_there()
    {
        var mask = new RunLengths();

        Assert.True(mask.TrySet([0, 12], 3, 4));
        Assert.True(mask.TryRead("21"u8, 1, 3));

        Assert.Equal([2u, 1u], mask.ToCounts());
        Assert.Equal((2, 0, 1, 1), mask.EnclosingBox());
        Assert.Equal("21"u8.ToArray(), mask.ToText());
    }

    [Theory]
    [InlineData(new uint[] { })]
    [InlineData(new uint[] { 12 })]
    [InlineData(new uint[] { 5, 0 })]
    [InlineData(new uint[] { 5, 0, 3, 0, 4 })]
    public void A_mask_without_pixels_has_no_area_and_no_box(uint[] counts)
    {
        var mask = new RunLengths();

        Assert.True(mask.TrySet(counts, 3, 4));

        Assert.Equal(0, mask.Area);
        Assert.Equal(default, mask.EnclosingBox());
    }

    [Fact]
    public void Too_many_pixels_are_refused()
    {
        var mask = new RunLengths();

        Assert.False(mask.TrySet([5, uint.MaxValue, 9], 3, 4));
        Assert.False(mask.TryRead("5;"u8, 3, 4));

        Assert.Equal(0, mask.Count);
    }

    [Theory]
    [InlineData(-1, 3)]
    [InlineData(3, -1)]
    [InlineData(70_000, 70_000)]
    public void A_size_that_no_mask_can_have_is_refused(int height, int width)
    {
        Assert.False(new RunLengths().TryRead("1"u8, height, width));
        Assert.Null(RunLengths.Parse("1"u8, height, width));
        Assert.Throws<ArgumentException>(() => new RunLengths().Clear(height, width));
    }

    [Fact]
    public void The_box_of_a_mask_with_billions_of_pixels_is_found()
    {
        var mask = new RunLengths();

        Assert.True(mask.TrySet([65_535 * 60_000u, 10, 65_525, 20, 65_515, 30, 65_505, 9, 65_526, 8], 65_535, 65_535));

        Assert.Equal((60_000, 0, 5, 30), mask.EnclosingBox());
    }
}
