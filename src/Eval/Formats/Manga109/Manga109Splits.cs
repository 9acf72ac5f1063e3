using Serve.Eval.Usb;

namespace Serve.Eval.Formats.Manga109;

/// <summary>Which book belongs to which split of Manga109-s: the splits of the USB benchmark.</summary>
internal static class Manga109Splits
{
    private static IReadOnlyList<UsbSplit> Usb => UsbDivisions.Default.Datasets.Single(dataset => dataset.Id == UsbDataset.M109s).Splits;

    /// <summary>The splits whose books are listed.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<string> Books)> Listed
        => Usb.Where(split => split.Books is not null).Select(split => (split.Name, split.Books!.Value));

    /// <summary>How many books the training split has when all are there.</summary>
    public static int TrainBooks => Usb.Single(split => split.Volumes is not null).Volumes!.Value;

    /// <summary>Sorts books into splits. A split without any is left out; the training split is named after the number of its books.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Of(IReadOnlyList<string> books)
    {
        string[] train = [.. books.Except(Listed.SelectMany(split => split.Books))];
        var splits = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { [$"{train.Length}train"] = train };
        foreach (var (name, listed) in Listed)
            splits[name] = [.. listed.Where(books.Contains)];
        return splits.Where(split => split.Value.Count > 0).ToDictionary(StringComparer.Ordinal);
    }
}
