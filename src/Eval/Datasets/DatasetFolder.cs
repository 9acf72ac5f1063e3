namespace Serve.Eval.Datasets;

/// <summary>
/// A dataset on disk: <c>annotations/instances_&lt;split&gt;.json</c> (or <c>instances.json</c> when there is one split) and <c>images/</c>.
/// </summary>
public sealed class DatasetFolder
{
    private DatasetFolder(string path) => Path = path;

    /// <summary>Absolute path of the folder.</summary>
    public string Path { get; }

    /// <summary>Name of the folder, which is the name of the dataset.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Names of the splits, sorted; a lone <c>instances.json</c> is the split <c>all</c>.</summary>
    public IReadOnlyList<string> Splits => throw new NotImplementedException();

    /// <summary>Opens a dataset folder.</summary>
    /// <exception cref="InvalidInputException">The folder or its annotations are missing; the message lists what was looked for.</exception>
    public static DatasetFolder Open(string path) => new(System.IO.Path.GetFullPath(path));

    /// <summary>Path of a split's annotation file.</summary>
    /// <exception cref="InvalidInputException">There is no such split; the message lists those there are.</exception>
    public string AnnotationsPath(string split) => throw new NotImplementedException(split);

    /// <summary>Reads a split's annotations.</summary>
    public Task<Dataset> ReadAsync(string split, CancellationToken ct) => throw new NotImplementedException(split);

    /// <summary>Path of an image's picture. Never outside the folder.</summary>
    /// <exception cref="InvalidInputException">The file name points outside the <c>images</c> folder.</exception>
    public string ImagePath(ImageEntry image) => throw new NotImplementedException(image.FileName);
}
