using Serve.Eval;

namespace Serve.Training.Data;

/// <summary>What is done to a training image. Every random choice is a function of (seed, epoch, image), so that a resumed run continues bit for bit.</summary>
/// <remarks>
/// In this order: resize by <see cref="Resize"/>, flip, crop to the canvas where larger, place on the canvas where smaller (the rest is <see cref="PadValue"/>), colour jitter,
/// <see cref="CopyPaste"/>.
/// </remarks>
public sealed record Augmentation
{
    /// <summary>Sides of canvases and of batches are multiples of this, in training and in evaluation: the coarsest stride of the backbones.</summary>
    public const int SizeMultiple = 32;

    private const int LargestSide = 8192;

    /// <summary>Canvas width in pixels, a multiple of 32. Not looked at under <see cref="TrainingResize.ShortestSide"/>.</summary>
    public required int Width { get; init; }

    /// <summary>Canvas height in pixels, a multiple of 32. Not looked at under <see cref="TrainingResize.ShortestSide"/>.</summary>
    public required int Height { get; init; }

    /// <summary>How an image gets its size.</summary>
    public TrainingResize Resize { get; init; }

    /// <summary>Probability of a left-right flip.</summary>
    public double HorizontalFlip { get; init; } = 0.5;

    /// <summary>Probability of a top-bottom flip.</summary>
    public double VerticalFlip { get; init; }

    /// <summary>
    /// Range of the scale factor, uniform, relative to the size that fits the canvas; larger images are cropped at random, smaller ones padded. Not for
    /// <see cref="TrainingResize.ShortestSide"/>. Large scale jittering is 0.1 to 2, standard scale jittering 0.8 to 1.25.
    /// </summary>
    public (double Lower, double Upper) Scale { get; init; } = (1, 1);

    /// <summary>Lengths of the shorter side in pixels that <see cref="TrainingResize.ShortestSide"/> chooses from, each as often.</summary>
    public IReadOnlyList<int> ShortSides { get; init; } = [800];

    /// <summary>Whether every whole number from the least to the greatest of <see cref="ShortSides"/> may be chosen, too.</summary>
    public bool AnyShortSideBetween { get; init; }

    /// <summary>Greatest length of the longer side under <see cref="TrainingResize.ShortestSide"/>, pixels.</summary>
    public int LongSide { get; init; } = 1333;

    /// <summary>
    /// Whether an image smaller than the canvas goes to a random place on it; otherwise to the top left, where serving letterboxes.
    /// At random by default: it costs nothing and shows objects at every position of the feature grid. For <see cref="TrainingResize.Fit"/> alone.
    /// </summary>
    public bool RandomPlacement { get; init; } = true;

    /// <summary>Value of the pixels that the image does not cover, 0..255.</summary>
    public double PadValue { get; init; }

    /// <summary>Largest relative change of brightness, contrast and saturation, and of hue as a share of the circle.</summary>
    public (double Brightness, double Contrast, double Saturation, double Hue) ColorJitter { get; init; }

    /// <summary>Share of a box's area that must stay visible after a crop for the object to be kept.</summary>
    public double MinVisible { get; init; } = 0.25;

    /// <summary>Whether an object's box is the one around what is seen of its mask, in place of the annotated one: a crop leaves that too large.</summary>
    public bool BoxesFromMasks { get; init; }

    /// <summary>Pasting of objects from other images; null for none.</summary>
    public CopyPasteOptions? CopyPaste { get; init; }

    /// <summary>No random change: the image as large as fits, at the top left. What serving does.</summary>
    public static Augmentation None(int width, int height)
        => new() { Width = width, Height = height, HorizontalFlip = 0, RandomPlacement = false };

    /// <summary>The same on small pictures, for checks that take seconds.</summary>
    public Augmentation Shrunk() => this with { Width = 96, Height = 64, ShortSides = [48, 64], LongSide = 96 };

    /// <summary>The size of training images in words: <c>1024 x 1024</c>, <c>short side 640..800, long side up to 1333</c>.</summary>
    internal string Resolution => Resize == TrainingResize.ShortestSide
        ? $"short side {string.Join("..", new[] { ShortSides.Min(), ShortSides.Max() }.Distinct())}, long side up to {LongSide}"
        : $"{Width} x {Height}";

    /// <summary>Whether masks of the annotations are needed, also where no detector learns them.</summary>
    internal bool NeedsMasks => BoxesFromMasks || CopyPaste is not null;

    /// <summary>What an image is painted on, apart from the padding of its batch.</summary>
    internal CanvasSize CanvasOf(Placement placement) => Resize == TrainingResize.ShortestSide ? new(placement.Width, placement.Height) : new(Width, Height);

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
        RequireWithin(PadValue, nameof(PadValue), 255);
        RequireWithin(ColorJitter.Brightness, "ColorJitter.Brightness", 1);
        RequireWithin(ColorJitter.Contrast, "ColorJitter.Contrast", 1);
        RequireWithin(ColorJitter.Saturation, "ColorJitter.Saturation", 1);
        RequireWithin(ColorJitter.Hue, "ColorJitter.Hue", 0.5);
        if (!(Scale.Lower >= 0.05 && Scale.Lower <= Scale.Upper && Scale.Upper <= 10))
            faults.Add($"Scale: got {Scale.Lower}..{Scale.Upper}, allowed 0.05 <= Lower <= Upper <= 10");
        if (ShortSides.Count == 0 || !ShortSides.All(side => side is >= SizeMultiple and <= LargestSide))
            faults.Add($"ShortSides: got {string.Join(", ", ShortSides)}, allowed one or more from {SizeMultiple} to {LargestSide}");
        else if (LongSide < ShortSides.Max() || LongSide > LargestSide)
            faults.Add($"LongSide: got {LongSide}, allowed {ShortSides.Max()} (the greatest of ShortSides) to {LargestSide}");
        if (CopyPaste is not null && Resize == TrainingResize.ShortestSide)
            faults.Add("CopyPaste: got it with Resize ShortestSide, allowed with Fit and Jitter, which give both images the same canvas");
        faults.AddRange(CopyPaste?.Faults() ?? []);
        if (faults.Count > 0) throw new InvalidInputException($"augmentation: {string.Join("; ", faults)}.");

        void RequireSide(int side, string name)
        {
            if (side is < SizeMultiple or > LargestSide || side % SizeMultiple != 0)
                faults.Add($"{name}: got {side}, allowed multiples of {SizeMultiple} from {SizeMultiple} to {LargestSide}");
        }

        void RequireWithin(double value, string name, double upper)
        {
            if (!(value >= 0 && value <= upper)) faults.Add($"{name}: got {value}, allowed 0..{upper}");
        }
    }
}
