using Serve.Eval;

namespace Serve.Training.Data;

/// <summary>What is done to a training image. Every random choice is a function of (seed, epoch, image), so that a resumed run continues bit for bit.</summary>
/// <remarks>
/// In this order: resize by the size that fits the canvas times a random factor, flip, crop to the canvas where larger, place on the canvas
/// where smaller (the rest is 0), colour jitter.
/// </remarks>
public sealed record Augmentation
{
    /// <summary>Canvas sides are multiples of this: the coarsest stride of the feature pyramids' backbones.</summary>
    public const int SizeMultiple = 32;

    /// <summary>Canvas width in pixels, a multiple of 32.</summary>
    public required int Width { get; init; }

    /// <summary>Canvas height in pixels, a multiple of 32.</summary>
    public required int Height { get; init; }

    /// <summary>Probability of a left-right flip.</summary>
    public double HorizontalFlip { get; init; } = 0.5;

    /// <summary>Probability of a top-bottom flip.</summary>
    public double VerticalFlip { get; init; }

    /// <summary>Range of the scale factor, relative to the size that fits the canvas; larger ones are cropped at random, smaller ones padded.</summary>
    public (double Lower, double Upper) Scale { get; init; } = (1, 1);

    /// <summary>
    /// Whether an image smaller than the canvas goes to a random place on it; otherwise to the top left, where serving letterboxes.
    /// At random by default: it costs nothing and shows objects at every position of the feature grid.
    /// </summary>
    public bool RandomPlacement { get; init; } = true;

    /// <summary>Largest relative change of brightness, contrast and saturation, and of hue as a share of the circle.</summary>
    public (double Brightness, double Contrast, double Saturation, double Hue) ColorJitter { get; init; }

    /// <summary>Share of a box's area that must stay visible after a crop for the object to be kept.</summary>
    public double MinVisible { get; init; } = 0.25;

    /// <summary>No random change: the image as large as fits, at the top left. What serving does.</summary>
    public static Augmentation None(int width, int height)
        => new() { Width = width, Height = height, HorizontalFlip = 0, RandomPlacement = false };

    /// <summary>Checks every option.</summary>
    /// <exception cref="InvalidInputException">Lists every option that is out of range, with the range.</exception>
    public void Validate()
    {
        var faults = new List<string>();
        RequireSide(Width, nameof(Width));
        RequireSide(Height, nameof(Height));
        RequireWithin(HorizontalFlip, nameof(HorizontalFlip), 1);
        RequireWithin(VerticalFlip, nameof(VerticalFlip), 1);
        RequireWithin(MinVisible, nameof(MinVisible), 1);
        RequireWithin(ColorJitter.Brightness, "ColorJitter.Brightness", 1);
        RequireWithin(ColorJitter.Contrast, "ColorJitter.Contrast", 1);
        RequireWithin(ColorJitter.Saturation, "ColorJitter.Saturation", 1);
        RequireWithin(ColorJitter.Hue, "ColorJitter.Hue", 0.5);
        if (!(Scale.Lower >= 0.05 && Scale.Lower <= Scale.Upper && Scale.Upper <= 10))
            faults.Add($"Scale: got {Scale.Lower}..{Scale.Upper}, allowed 0.05 <= Lower <= Upper <= 10");
        if (faults.Count > 0) throw new InvalidInputException($"augmentation: {string.Join("; ", faults)}.");

        void RequireSide(int side, string name)
        {
            if (side is < SizeMultiple or > 8192 || side % SizeMultiple != 0)
                faults.Add($"{name}: got {side}, allowed multiples of {SizeMultiple} from {SizeMultiple} to 8192");
        }

        void RequireWithin(double value, string name, double upper)
        {
            if (!(value >= 0 && value <= upper)) faults.Add($"{name}: got {value}, allowed 0..{upper}");
        }
    }
}
