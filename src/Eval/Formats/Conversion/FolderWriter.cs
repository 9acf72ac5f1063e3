using Serve.Eval.Datasets;

namespace Serve.Eval.Formats.Conversion;

/// <summary>Writes a dataset folder in one format.</summary>
/// <param name="folder">The folder, which is there and empty.</param>
internal abstract class FolderWriter(string folder)
{
    /// <summary>The folder that is written.</summary>
    protected string Folder { get; } = folder;

    /// <summary>Path of an image's picture below the folder, with slashes.</summary>
    public abstract string PictureName(string split, ImageEntry image);

    /// <summary>Writes the annotations of a split.</summary>
    /// <param name="split">Name of the split.</param>
    /// <param name="dataset">Its images and objects.</param>
    /// <param name="notes">Is told what the format cannot hold.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>Number of objects written.</returns>
    public abstract Task<int> WriteSplitAsync(string split, Dataset dataset, ConversionNotes notes, CancellationToken ct);

    /// <summary>Writes what belongs to all splits.</summary>
    public virtual Task FinishAsync(IReadOnlyList<DatasetSplit> splits, CancellationToken ct) => Task.CompletedTask;

    /// <summary>A path in the folder; folders on the way are made.</summary>
    protected string PathOf(string relative)
    {
        var path = PictureNames.Inside(Folder, relative) ?? throw new InvalidInputException($"file name \"{relative}\": it must be a relative path inside the dataset.");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>The name of an image's picture; one is made up where the dataset has none.</summary>
    protected static string NameOf(ImageEntry image) => image.FileName.Length > 0 ? image.FileName : $"{image.Id}.jpg";
}
