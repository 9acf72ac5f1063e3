using Serve.Eval.Datasets;

namespace Serve.Api.Datasets.Pictures;

/// <summary>Where the pictures of a split are answered.</summary>
internal sealed class PictureAddresses
{
    private readonly string? _before;
    private readonly string? _after;

    private PictureAddresses(string? before, string? after) => (_before, _after) = (before, after);

    /// <summary>Those of a split of a dataset, which may have no pictures at all.</summary>
    public static PictureAddresses Of(OpenedDataset opened, string split) => HasPictures(opened.Folder)
        ? new($"/v1/datasets/{Uri.EscapeDataString(opened.Folder.Name)}/images/", $"?split={Uri.EscapeDataString(split)}&version={opened.Known.Version.Version}")
        : new(null, null);

    /// <summary>Whether a dataset has pictures. Each may still be missing.</summary>
    public static bool HasPictures(DatasetFolder folder) => Directory.Exists(Path.Combine(folder.Path, "images"));

    /// <summary>Address of an image's picture; null where there is none.</summary>
    public string? Of(ImageEntry image) => _before is null || image.FileName.Length == 0 ? null : $"{_before}{image.Id}{_after}";
}
