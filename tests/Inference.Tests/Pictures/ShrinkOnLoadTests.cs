using Serve.Eval;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Tests.Pictures;

/// <summary>Pictures that are shrunk while they are decoded, for models whose filter averages over areas.</summary>
public sealed class ShrinkOnLoadTests
{
    private static readonly InputSpec Input = new() { Width = 64, Height = 64 };

    [Theory]
    [InlineData(128, 96, 1)]
    [InlineData(191, 140, 1)]
    [InlineData(192, 144, 2)]
    [InlineData(384, 104, 4)]
    [InlineData(4000, 3000, 8)]
    [InlineData(50, 50, 1)]
    public void A_picture_stays_half_as_large_again_as_the_model_needs(int width, int height, int shrink)
        => Assert.Equal(shrink, PictureUse.For(Input).ShrinkOf(width, height));

    [Theory]
    [InlineData(ResizeFilter.Bilinear)]
    [InlineData(ResizeFilter.Bicubic)]
    [InlineData(ResizeFilter.Nearest)]
    public void Filters_that_pick_single_pixels_get_the_whole_picture(ResizeFilter filter)
        => Assert.Equal(1, PictureUse.For(Input with { Filter = filter }).ShrinkOf(4000, 3000));

    [Fact]
    public void Only_a_use_that_says_so_shrinks()
    {
        Assert.Equal(1, PictureUse.Whole.ShrinkOf(4000, 3000));
        Assert.Equal(1, new PictureUse(ColourManaged: false).ShrinkOf(4000, 3000));
        Assert.Equal(1, PictureUse.For(Input with { Resize = ResizeRule.Keep, Width = 4000, Height = 4000 }).ShrinkOf(4000, 3000));
    }

    [Theory]
    [InlineData(400, 300)]
    [InlineData(401, 303)]
    [InlineData(1027, 517)]
    public void A_shrunk_picture_gives_nearly_the_same_input_and_keeps_the_original_frame(int width, int height)
    {
        Assert.SkipUnless(TurboJpeg.IsAvailable, "libturbojpeg is not installed here, so pictures are decoded whole.");
        var encoded = PictureEncoder.Encode(Smooth(width, height), "image/jpeg", quality: 95);
        var whole = PictureDecoder.Decode(encoded, TestPictures.Limits);
        var (expected, values) = (new float[InputTensor.Length(Input)], new float[InputTensor.Length(Input)]);

        var shrunk = PictureDecoder.Decode(encoded, TestPictures.Limits, PictureUse.For(Input));
        var plan = InputTensor.Write(shrunk, Input, values);

        Assert.True(shrunk.Shrink > 1);
        Assert.Equal((width, height), (shrunk.OriginalWidth, shrunk.OriginalHeight));
        Assert.Equal(InputTensor.Write(whole, Input, expected), plan);
        Assert.InRange(expected.Zip(values, (a, b) => Math.Abs(a - b)).Max(), 0, 3);
        Assert.Equal(new Box(0, 0, width, height), plan.ToOriginal(new Box(0, 0, plan.Width, plan.Height)));
    }

    /// <summary>A few waves, longer than what shrinking loses.</summary>
    private static Picture Smooth(int width, int height) => TestPictures.Make(
        width, height, (x, y) => ((byte)(127 + 100 * Math.Sin(9.0 * x / width)), (byte)(127 + 100 * Math.Sin(7.0 * y / height)), (byte)(127 + 60 * Math.Sin(8.0 * (x + y) / width))));
}
