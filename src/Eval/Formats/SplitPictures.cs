using Serve.Eval.Datasets;

namespace Serve.Eval.Formats;

/// <summary>The pictures of a split.</summary>
public abstract class SplitPictures
{
    /// <summary>Whether pictures are files; if not, they lie inside the dataset's own files.</summary>
    public virtual bool AreFiles => true;

    /// <summary>Folders in which pictures were looked for, for messages.</summary>
    public abstract string LookedIn { get; }

    /// <summary>Path of an image's picture; null where there is none.</summary>
    public abstract string? PathOf(ImageEntry image);

    /// <summary>Writes a copy of an image's picture.</summary>
    /// <exception cref="InvalidInputException">There is no such picture.</exception>
    public virtual Task CopyAsync(ImageEntry image, string target, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        File.Copy(Required(image), target);
        return Task.CompletedTask;
    }

    /// <summary>Path of an image's picture.</summary>
    /// <exception cref="InvalidInputException">There is no such picture; the message says where it was looked for.</exception>
    public string Required(ImageEntry image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return PathOf(image) ?? throw new InvalidInputException($"image {image.Id}: there is no picture \"{image.FileName}\" in {LookedIn}; --images names the folder they are in, --pictures none converts without them.");
    }
}

/// <summary>Pictures that are found by their file names in one of some folders.</summary>
/// <param name="folders">Where to look, the first hit counts.</param>
public sealed class PicturesInFolders(IReadOnlyList<string> folders) : SplitPictures
{
    /// <inheritdoc/>
    public override string LookedIn => string.Join(", ", folders);

    /// <inheritdoc/>
    public override string? PathOf(ImageEntry image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return folders.Select(folder => PictureNames.Inside(folder, image.FileName)).FirstOrDefault(path => path is not null && File.Exists(path));
    }
}

/// <summary>Pictures whose files are known.</summary>
/// <param name="paths">Path by image id.</param>
/// <param name="lookedIn">Where they come from, for messages.</param>
public sealed class KnownPictures(IReadOnlyDictionary<long, string> paths, string lookedIn) : SplitPictures
{
    /// <inheritdoc/>
    public override string LookedIn => lookedIn;

    /// <inheritdoc/>
    public override string? PathOf(ImageEntry image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return paths.GetValueOrDefault(image.Id);
    }
}
