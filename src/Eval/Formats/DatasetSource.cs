using Serve.Eval.Checks;
using Serve.Eval.Datasets;

namespace Serve.Eval.Formats;

/// <summary>A split of a dataset, read into memory.</summary>
/// <param name="Name">Name of the split.</param>
/// <param name="Dataset">Images, categories and objects.</param>
/// <param name="Pictures">Where the pictures are.</param>
/// <param name="Places">Where each record was read.</param>
public sealed record DatasetSplit(string Name, Dataset Dataset, SplitPictures Pictures, RecordPlaces Places);

/// <summary>Reads the size of a picture as a person sees it, which means after turning it upright.</summary>
/// <param name="path">Path of the picture.</param>
/// <returns>Width and height in pixels.</returns>
/// <exception cref="InvalidInputException">The file is no picture; the message does not name it.</exception>
public delegate (int Width, int Height) PictureSizeReader(string path);

/// <summary>What opening a dataset may need beside its path.</summary>
public sealed record SourceOptions
{
    /// <summary>Reads picture sizes, which YOLO needs and Pascal VOC may lack.</summary>
    public PictureSizeReader? PictureSize { get; init; }

    /// <summary>Folder of the pictures; null for where the format has them.</summary>
    public string? Images { get; init; }

    /// <summary>Folder outside of which nothing is read, whatever a file of the dataset names; null where its files are trusted.</summary>
    public string? Within { get; init; }
}

/// <summary>A dataset on disk, in whatever format: its splits, which are read one at a time.</summary>
/// <param name="path">Folder or file, as the user named it.</param>
/// <param name="format">Its format.</param>
public abstract class DatasetSource(string path, DatasetFormat format)
{
    /// <summary>Folder or file, as the user named it.</summary>
    public string Path { get; } = path;

    /// <summary>The format.</summary>
    public DatasetFormat Format { get; } = format;

    /// <summary>Names of all splits.</summary>
    public abstract IReadOnlyList<string> Splits { get; }

    /// <summary>The splits that do not repeat images of others (<c>trainval</c> beside <c>train</c> and <c>val</c>): what is taken when nobody names splits.</summary>
    public virtual IReadOnlyList<string> DistinctSplits => Splits;

    /// <summary>Whether images without objects are left out by default when the dataset is converted.</summary>
    public virtual bool DropsEmptyImages => false;

    /// <summary>In how many steps a split is read, for the display of progress.</summary>
    /// <exception cref="InvalidInputException">There is no such split.</exception>
    public abstract int StepsOf(string split);

    /// <summary>Reads a split with all it has: boxes, masks, keypoints.</summary>
    /// <param name="split">One of <see cref="Splits"/>.</param>
    /// <param name="faults">Is told what is wrong with records; they are left out, or repaired where that is possible.</param>
    /// <param name="progress">Told the number of finished steps.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="InvalidInputException">There is no such split, or <paramref name="faults"/> refuses a record.</exception>
    public abstract Task<DatasetSplit> ReadAsync(string split, IFaultSink faults, IProgress<int>? progress, CancellationToken ct);

    /// <summary>Reads a split and refuses it at its first fault.</summary>
    /// <exception cref="InvalidInputException">There is no such split, or a record is faulty; the message says where.</exception>
    public virtual Task<DatasetSplit> ReadAsync(string split, IProgress<int>? progress, CancellationToken ct)
        => ReadAsync(split, new StrictFaults(FaultRoot), progress, ct);

    /// <summary>What the paths of faulty files are relative to.</summary>
    protected virtual string FaultRoot => Path;

    /// <summary>Faults of the dataset as a whole, which no split shows.</summary>
    public virtual void CheckWhole(IFaultSink faults)
    {
    }

    /// <summary>The exception for a split that is not there.</summary>
    protected InvalidInputException NoSuchSplit(string split) => new($"{Path}: there is no split \"{split}\"; there are {string.Join(", ", Splits)}.");
}
