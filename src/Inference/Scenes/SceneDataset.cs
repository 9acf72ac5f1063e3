namespace Serve.Inference.Scenes;

/// <summary>How large a generated dataset is.</summary>
public sealed record SceneOptions
{
    /// <summary>Seed: the same seed gives the same bytes.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Images of the training split.</summary>
    public int Train { get; init; } = 240;

    /// <summary>Images of the validation split.</summary>
    public int Val { get; init; } = 60;

    /// <summary>Images of the test split.</summary>
    public int Test { get; init; } = 60;
}

/// <summary>Draws the demo dataset: three domains, several categories, boxes, masks, crowds, sizes over two orders of magnitude.</summary>
public static class SceneDataset
{
    /// <summary>Writes a dataset folder (COCO JSON, train/val/test). Complete or not at all: it is drawn in a temporary folder and renamed.</summary>
    public static Task WriteAsync(string folder, SceneOptions options, IProgress<int>? progress, CancellationToken ct) => throw new NotImplementedException(folder);
}
