using Serve.Eval.Checks;
using Serve.Eval.Datasets;

namespace Serve.Eval.Formats.Conversion;

/// <summary>Writes a dataset that was read in one format as a folder in another.</summary>
public static class DatasetConversion
{
    /// <summary>Formats that are written.</summary>
    public static IReadOnlyList<DatasetFormat> Targets { get; } = [DatasetFormat.Coco, DatasetFormat.Voc, DatasetFormat.Yolo];

    /// <summary>Writes a dataset folder.</summary>
    /// <remarks>Complete or not at all: see <see cref="NewFolder"/>.</remarks>
    /// <param name="folder">Where to; must not exist, or be empty.</param>
    /// <param name="splits">The splits, in order.</param>
    /// <param name="options">The new format, and what becomes of pictures and empty images.</param>
    /// <param name="progress">Told the number of pictures that are done.</param>
    /// <param name="ct">Cancels; nothing is left behind.</param>
    /// <returns>What was written of each split, and what the new format could not hold.</returns>
    /// <exception cref="InvalidInputException">
    /// The folder holds something; ids occur twice or refer to nothing; a picture is missing; or the format cannot hold the dataset.
    /// </exception>
    public static async Task<IReadOnlyList<ConvertedSplit>> WriteAsync(
        string folder, IReadOnlyList<DatasetSplit> splits, ConversionOptions options, IProgress<int>? progress, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(splits);
        ArgumentNullException.ThrowIfNull(options);
        NewFolder.RequireEmpty(folder);
        foreach (var split in splits)
            DatasetCheck.RequireConsistentIds(split, new StrictFaults(""));
        IReadOnlyList<ConvertedSplit> written = [];
        await NewFolder.WriteAsync(folder, async (partial, stop) => written = await WriteToAsync(partial, splits, options, progress, stop), ct);
        return written;
    }

    private static async Task<IReadOnlyList<ConvertedSplit>> WriteToAsync(
        string folder, IReadOnlyList<DatasetSplit> splits, ConversionOptions options, IProgress<int>? progress, CancellationToken ct)
    {
        FolderWriter writer = options.To switch
        {
            DatasetFormat.Coco => new CocoFolderWriter(folder),
            DatasetFormat.Voc => new VocFolderWriter(folder),
            DatasetFormat.Yolo => new YoloFolderWriter(folder, options.Polygons),
            _ => throw new InvalidInputException($"{options.To.Name()} is not written; allowed are {string.Join(", ", Targets.Select(format => format.Name()))}."),
        };
        var (report, done) = (new List<ConvertedSplit>(), 0);
        foreach (var split in splits)
        {
            var dataset = options.DropEmpty ? ImageFilter.DropEmpty(split.Dataset) : split.Dataset;
            var notes = new ConversionNotes();
            var objects = await writer.WriteSplitAsync(split.Name, dataset, notes, ct);
            foreach (var image in dataset.Images)
            {
                await TransferAsync(split.Pictures, image, Path.Combine(folder, writer.PictureName(split.Name, image)), options.Pictures, ct);
                progress?.Report(++done);
            }
            done += split.Dataset.Images.Count - dataset.Images.Count;
            progress?.Report(done);
            report.Add(new(split.Name, dataset.Images.Count, objects, split.Dataset.Images.Count - dataset.Images.Count, notes.Sentences));
        }
        await writer.FinishAsync(splits, ct);
        return report;
    }

    private static async Task TransferAsync(SplitPictures pictures, ImageEntry image, string target, PictureTransfer transfer, CancellationToken ct)
    {
        if (transfer is PictureTransfer.None)
            return;
        if (PictureNames.Inside(".", image.FileName) is null)
            throw new InvalidInputException($"image {image.Id}: the file name \"{image.FileName}\" must be a relative path inside the pictures' folder.");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (File.Exists(target))
        {
            // Splits may share pictures; two pictures of one name cannot both be kept.
            if (pictures.AreFiles && await AreEqualAsync(pictures.Required(image), target, ct))
                return;
            throw new InvalidInputException($"image {image.Id}: another picture is called \"{image.FileName}\" too; the new dataset has one folder for both.");
        }
        if (transfer is PictureTransfer.Link && pictures.AreFiles)
            File.CreateSymbolicLink(target, Path.GetFullPath(pictures.Required(image)));
        else
            await pictures.CopyAsync(image, target, ct);
    }

    private static async Task<bool> AreEqualAsync(string left, string right, CancellationToken ct)
    {
        if (new FileInfo(left).Length != new FileInfo(right).Length && new FileInfo(right).LinkTarget is null)
            return false;
        var (here, there) = (await File.ReadAllBytesAsync(left, ct), await File.ReadAllBytesAsync(right, ct));
        return here.AsSpan().SequenceEqual(there);
    }
}
