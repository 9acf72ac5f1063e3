using System.Security.Cryptography;
using Serve.Eval.Datasets;
using Serve.Eval.Formats;

namespace Serve.Eval.Checks;

/// <summary>Pictures that are missing, have another size than declared, or occur in two splits.</summary>
internal static class PictureChecks
{
    private readonly record struct Item(DatasetSplit Split, int Index, string? Path, long Length)
    {
        public ImageEntry Image => Split.Dataset.Images[Index];

        public RecordPlace Place => Split.Places.OfImage(Index, Image.Id);
    }

    /// <summary>Checks the pictures of all splits.</summary>
    /// <param name="splits">The splits.</param>
    /// <param name="size">Reads the size of a picture; null to look only whether it is there.</param>
    /// <param name="faults">Is told what is wrong.</param>
    /// <param name="progress">Told the number of pictures looked at.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task CheckAsync(IReadOnlyList<DatasetSplit> splits, PictureSizeReader? size, IFaultSink faults, IProgress<int>? progress, CancellationToken ct)
    {
        var items = new List<Item>();
        foreach (var split in splits.Where(split => split.Pictures.AreFiles))
        {
            if (split.Pictures.LookedIn.Length == 0)
                faults.Report(new(FaultKinds.PicturesNotChecked, new($"split {split.Name}", ""), "", "has no folder of pictures beside its annotations"));
            else
                items.AddRange(Enumerable.Range(0, split.Dataset.Images.Count).Select(index => Find(split, index)));
        }
        foreach (var item in items.Where(item => item.Path is null))
            ReportMissing(item, faults);
        var present = items.Where(item => item.Path is not null).ToArray();
        var texts = new Fault?[present.Length];
        var done = 0;
        if (size is not null)
        {
            await Parallel.ForAsync(0, present.Length, ct, (i, _) =>
            {
                texts[i] = CompareSize(present[i], size);
                progress?.Report(Interlocked.Increment(ref done));
                return ValueTask.CompletedTask;
            });
        }
        foreach (var fault in texts.OfType<Fault>())
            faults.Report(fault);
        await CheckTwinsAsync(present, faults, ct);
    }

    private static Item Find(DatasetSplit split, int index)
    {
        var path = split.Pictures.PathOf(split.Dataset.Images[index]);
        return new(split, index, path, path is null ? 0 : new FileInfo(path).Length);
    }

    private static void ReportMissing(Item item, IFaultSink faults)
    {
        var name = item.Image.FileName;
        if (name.Length > 0 && PictureNames.Inside(".", name) is null)
            faults.Report(new(FaultKinds.FileNameOutside, item.Place, "file_name", $"is \"{name}\"; it must be a relative path inside the pictures' folder"));
        else
            faults.Report(new(FaultKinds.MissingPicture, item.Place, "file_name", $"is \"{name}\"; there is no such picture in {item.Split.Pictures.LookedIn}"));
    }

    private static Fault? CompareSize(Item item, PictureSizeReader size)
    {
        var image = item.Image;
        try
        {
            var (width, height) = size(item.Path!);
            return image is { Width: > 0, Height: > 0 } && (width, height) != (image.Width, image.Height)
                ? new(FaultKinds.PictureSize, item.Place, "width, height", $"are {image.Width}, {image.Height}; the picture \"{image.FileName}\" has {width} x {height} pixels")
                : null;
        }
        catch (InvalidInputException fault)
        {
            return new(FaultKinds.UnreadablePicture, item.Place, "file_name", $"is \"{image.FileName}\", which cannot be read: {fault.Message.TrimEnd('.')}");
        }
    }

    // Only pictures of the same length can be the same, so few are read.
    private static async Task CheckTwinsAsync(IReadOnlyList<Item> items, IFaultSink faults, CancellationToken ct)
    {
        var seen = new Dictionary<string, Item>(StringComparer.Ordinal);
        foreach (var item in items.GroupBy(item => item.Length).Where(group => group.Count() > 1).SelectMany(group => group))
        {
            var hash = await HashAsync(item.Path!, ct);
            if (seen.TryAdd(hash, item))
                continue;
            var first = seen[hash];
            // An image that is listed twice was told from its name.
            if (first.Split == item.Split && first.Image.FileName == item.Image.FileName)
                continue;
            var (kind, where) = first.Split == item.Split ? (FaultKinds.PictureTwice, "") : (FaultKinds.PictureInTwoSplits, $" of split {first.Split.Name}");
            faults.Report(new(kind, item.Place, "file_name", $"is \"{item.Image.FileName}\", the same picture as \"{first.Image.FileName}\"{where}"));
        }
    }

    private static async Task<string> HashAsync(string path, CancellationToken ct)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexString(await SHA256.HashDataAsync(file, ct));
    }
}
