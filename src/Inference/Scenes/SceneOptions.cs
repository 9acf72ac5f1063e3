using Serve.Eval;

namespace Serve.Inference.Scenes;

/// <summary>How large a generated dataset is.</summary>
public sealed record SceneOptions
{
    private const int MaxImages = 100_000;

    /// <summary>Seed: the same seed gives the same bytes (of the same version, on the same kind of machine).</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Images of the training split.</summary>
    public int Train { get; init; } = 240;

    /// <summary>Images of the validation split.</summary>
    public int Val { get; init; } = 60;

    /// <summary>Images of the test split.</summary>
    public int Test { get; init; } = 60;

    /// <summary>Splits with their number of images; those without images are left out.</summary>
    internal IEnumerable<(string Name, int Count)> Splits =>
        new (string Name, int Count)[] { ("train", Train), ("val", Val), ("test", Test) }.Where(s => s.Count > 0);

    /// <summary>Checks the numbers of images.</summary>
    /// <exception cref="InvalidInputException">One is out of range, or there is no image at all.</exception>
    public void Validate()
    {
        foreach (var (name, count) in new[] { (nameof(Train), Train), (nameof(Val), Val), (nameof(Test), Test) })
        {
            if (count is < 0 or > MaxImages) throw new InvalidInputException($"{name}: got {count} images, allowed 0..{MaxImages}.");
        }

        if (Train + Val + Test == 0) throw new InvalidInputException("Train, Val and Test: got 0 images in all, allowed 1 or more.");
    }
}
