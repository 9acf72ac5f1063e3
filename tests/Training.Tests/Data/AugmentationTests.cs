using Serve.Eval;
using Serve.Training.Data;

namespace Serve.Training.Tests.Data;

public class AugmentationTests
{
    [Fact]
    public void Validate_accepts_the_defaults() => new Augmentation { Width = 384, Height = 288 }.Validate();

    [Fact]
    public void Validate_names_every_option_out_of_range_with_its_range()
    {
        var options = new Augmentation
        {
            Width = 100,
            Height = 0,
            HorizontalFlip = 1.5,
            VerticalFlip = double.NaN,
            Scale = (2, 1),
            ColorJitter = (-0.1, 2, 1, 0.6),
            MinVisible = -1,
        };

        var fault = Assert.Throws<InvalidInputException>(options.Validate);

        Assert.Equal(
            "augmentation: Width: got 100, allowed multiples of 32 from 32 to 8192; Height: got 0, allowed multiples of 32 from 32 to 8192; "
            + "HorizontalFlip: got 1.5, allowed 0..1; VerticalFlip: got NaN, allowed 0..1; MinVisible: got -1, allowed 0..1; "
            + "ColorJitter.Brightness: got -0.1, allowed 0..1; ColorJitter.Contrast: got 2, allowed 0..1; ColorJitter.Hue: got 0.6, allowed 0..0.5; "
            + "Scale: got 2..1, allowed 0.05 <= Lower <= Upper <= 10.",
            fault.Message);
    }

    [Fact]
    public void Validate_names_what_does_not_fit_together()
    {
        var options = new Augmentation
        {
            Width = 64,
            Height = 64,
            Resize = TrainingResize.ShortestSide,
            ShortSides = [640, 800],
            LongSide = 700,
            PadValue = 256,
            CopyPaste = new() { BoxTolerance = -1, SmallArea = double.NaN, MaxObjects = 0, RepeatThreshold = 1.5 },
        };

        var fault = Assert.Throws<InvalidInputException>(options.Validate);
        var none = Assert.Throws<InvalidInputException>((options with { ShortSides = [], CopyPaste = null, PadValue = 0 }).Validate);

        Assert.Equal(
            "augmentation: PadValue: got 256, allowed 0..255; LongSide: got 700, allowed 800 (the greatest of ShortSides) to 8192; "
            + "CopyPaste: got it with Resize ShortestSide, allowed with Fit and Jitter, which give both images the same canvas; "
            + "CopyPaste.BoxTolerance: got -1, allowed 0..1000; CopyPaste.SmallArea: got NaN, allowed 0..1000000000; CopyPaste.MaxObjects: got 0, allowed 1 or more, or null; "
            + "CopyPaste.RepeatThreshold: got 1.5, allowed above 0 up to 1, or null.",
            fault.Message);
        Assert.Equal("augmentation: ShortSides: got , allowed one or more from 32 to 8192.", none.Message);
    }
}
