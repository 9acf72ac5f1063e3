using Serve.Eval.Datasets;

namespace Serve.Eval.Formats.Conversion;

/// <summary>Writes the folder that every command of Serve takes: <c>annotations/instances_&lt;split&gt;.json</c> and <c>images/</c>.</summary>
/// <param name="folder">The folder, which is there and empty.</param>
internal sealed class CocoFolderWriter(string folder) : FolderWriter(folder)
{
    /// <inheritdoc/>
    public override string PictureName(string split, ImageEntry image) => $"images/{NameOf(image)}";

    /// <inheritdoc/>
    public override async Task<int> WriteSplitAsync(string split, Dataset dataset, ConversionNotes notes, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "images"));
        await CocoDatasetWriter.WriteAsync(PathOf($"annotations/{(split == DatasetFolder.LoneSplit ? "instances" : $"instances_{split}")}.json"), dataset, ct);
        return dataset.GroundTruths.Count;
    }
}
