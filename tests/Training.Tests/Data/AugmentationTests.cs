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
}
