using System.Globalization;
using System.IO.Compression;
using nietras.SeparatedValues;
using Serve.Eval.Datasets;
using Serve.Eval.Json;
using Serve.Eval.Masks;
using static System.FormattableString;

namespace Serve.Eval.Formats.Results;

/// <summary>Reads detections from CSV (RFC 4180), compressed by gzip or not: a header, and a detection a line.</summary>
/// <remarks>
/// Columns, in any order, others are passed over: <c>image_id</c> or <c>file_name</c>; <c>category_id</c> or <c>category</c> (its name); the box in pixels of
/// the original image as <c>x1, y1, x2, y2</c> or <c>x, y, width, height</c>; <c>score</c>. Separated by commas, semicolons or tabs; numbers have a point.
/// </remarks>
public static class CsvDetections
{
    /// <summary>Faults that a message tells.</summary>
    private const int MostTold = 20;

    private const string Columns = "image_id or file_name, category_id or category, x1,y1,x2,y2 or x,y,width,height, and score";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dataset">What the detections are of: names become ids.</param>
    /// <param name="parts">What is kept beyond boxes: a detection of a table has no mask, so that its box stands for it.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="InvalidInputException">The file is not such a table; the message names each line, column and fault, the first 20 of them.</exception>
    public static async Task<DetectionTable> ReadAsync(string path, Dataset dataset, AnnotationParts parts, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        await using var file = InputFile.Open(path, path);
        await using var plain = await PlainStream.OfAsync(file, ct);
        var (faults, table) = (new DetectionFaults(MostTold), NewTable(parts));
        await ReadAsync(plain, plain is GZipStream, path, dataset, isChecked: false, table, faults, ct);
        if (faults.Count == 0)
            return table;
        var more = faults.Count > MostTold ? $"{Environment.NewLine}and {faults.Count - MostTold:N0} more." : "";
        throw new InvalidInputException(string.Join(Environment.NewLine, faults.Kept.Select(fault => $"{path}: {fault.OfLine()}")) + more);
    }

    /// <summary>An empty table for detections that have no masks.</summary>
    internal static DetectionTable NewTable(AnnotationParts parts) => new() { Segmentations = parts.HasFlag(AnnotationParts.Segmentations) ? new SegmentationTable() : null };

    /// <summary>Reads a table to its end, and tells what is wrong with each line.</summary>
    /// <param name="stream">The table itself.</param>
    /// <param name="isCompressed">Whether the stream decompresses what it reads.</param>
    /// <param name="source">Its name in messages.</param>
    /// <param name="dataset">What the detections are of; null where that is not known: then names are not looked up.</param>
    /// <param name="isChecked">Whether images that the dataset does not have and boxes of negative size are told too.</param>
    /// <param name="table">Takes the detections of the lines that can be read.</param>
    /// <param name="faults">Takes the faults, with the number of the line from 1.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="InvalidInputException">It has no such header, or is no table at all.</exception>
    internal static async Task ReadAsync(
        Stream stream, bool isCompressed, string source, Dataset? dataset, bool isChecked, DetectionTable table, DetectionFaults faults, CancellationToken ct)
    {
        try
        {
            using var reader = await Sep.Reader(options => options with { Unescape = true, DisableColCountCheck = true }).FromAsync(stream, ct);
            var layout = CsvLayout.Of(reader.Header.ColNames, source, dataset);
            var images = isChecked ? dataset?.Images.Select(image => image.Id).ToHashSet() : null;
            while (await reader.MoveNextAsync(ct))
                Add(reader.Current, layout, images, isChecked, table, faults);
        }
        catch (Exception fault) when (fault is InvalidDataException or ArgumentException)
        {
            throw new InvalidInputException(
                $"{source}: {(isCompressed && fault is InvalidDataException broken ? PlainStream.Reason(broken) : $"not a CSV table: {fault.Message.ReplaceLineEndings(" ").TrimEnd('.')}")}.", fault);
        }
    }

    private static void Add(SepReader.Row row, CsvLayout layout, HashSet<long>? images, bool isChecked, DetectionTable table, DetectionFaults faults)
    {
        var before = faults.Count;
        if (row.ColCount != layout.Names.Count)
        {
            // A line end too many is none.
            if (row.ColCount > 1 || row.Span.Length > 0)
                faults.Tell(row.LineNumberFrom, "", $"has {row.ColCount} columns; the header has {layout.Names.Count}");
            return;
        }
        var image = layout.Images is { } files ? Named(files, row, layout.Image, layout, faults, "is the file name of no image of the dataset") : Id(row, layout.Image, layout, faults);
        var category = layout.Categories is { } names
            ? Named(names, row, layout.Category, layout, faults, "is the name of no category of the dataset")
            : Id(row, layout.Category, layout, faults);
        var (a, b) = (Number(row, layout.Box[0], layout, faults), Number(row, layout.Box[1], layout, faults));
        var (c, d) = (Number(row, layout.Box[2], layout, faults), Number(row, layout.Box[3], layout, faults));
        var score = Number(row, layout.Score, layout, faults);
        if (faults.Count > before)
            return;
        if (layout.HasCorners)
            (c, d) = (c - a, d - b);
        if (images is not null && !images.Contains(image))
            faults.Tell(row.LineNumberFrom, layout.Names[layout.Image], $"is {image}, which is not an image of the dataset ({images.Count} images)");
        if (isChecked && (c < 0 || d < 0))
            faults.Tell(row.LineNumberFrom, layout.Names[layout.Box[c < 0 ? 2 : 3]], Invariant($"makes the width {c} and the height {d} of the box; they must be 0 or more"));
        table.Add(image, category, a, b, c, d, score);
        table.Segmentations?.AddNone();
    }

    private static double Number(SepReader.Row row, int column, CsvLayout layout, DetectionFaults faults)
    {
        if (double.TryParse(row[column].Span, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            return number;
        Tell(row, column, layout, faults, "; it must be a finite number");
        return 0;
    }

    private static long Id(SepReader.Row row, int column, CsvLayout layout, DetectionFaults faults)
    {
        if (!long.TryParse(row[column].Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id))
            Tell(row, column, layout, faults, "; it must be an integer");
        return id;
    }

    private static long Named(Dictionary<string, long> ids, SepReader.Row row, int column, CsvLayout layout, DetectionFaults faults, string fault)
    {
        if (!ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(row[column].Span, out var id) && layout.KnowsNames)
            Tell(row, column, layout, faults, $", which {fault}");
        return id;
    }

    private static void Tell(SepReader.Row row, int column, CsvLayout layout, DetectionFaults faults, string fault)
        => faults.Tell(row.LineNumberFrom, layout.Names[column], $"is \"{Shortened(row[column].ToString())}\"{fault}");

    private static string Shortened(string text)
    {
        const int most = 100;
        return text.Length <= most ? text : $"{text[..most]}…";
    }

    /// <summary>Which column holds what.</summary>
    /// <param name="Names">Names of all columns.</param>
    /// <param name="Image">Column of the image.</param>
    /// <param name="Images">Ids by file name; null where the column holds ids.</param>
    /// <param name="Category">Column of the category.</param>
    /// <param name="Categories">Ids by name; null where the column holds ids.</param>
    /// <param name="Box">Columns of the box's four numbers.</param>
    /// <param name="HasCorners">Whether they are corners.</param>
    /// <param name="Score">Column of the score.</param>
    /// <param name="KnowsNames">Whether the dataset is known, and with it its names.</param>
    private sealed record CsvLayout(
        IReadOnlyList<string> Names, int Image, Dictionary<string, long>? Images, int Category, Dictionary<string, long>? Categories, int[] Box, bool HasCorners, int Score,
        bool KnowsNames)
    {
        public static CsvLayout Of(IReadOnlyList<string> header, string source, Dataset? dataset)
        {
            var names = header.Select(name => name.Trim()).ToList();
            var corners = Find("x1", "y1", "x2", "y2");
            var sides = Find("x", "y", "width", "height");
            var (image, file) = (names.IndexOf("image_id"), names.IndexOf("file_name"));
            var (category, name, score) = (names.IndexOf("category_id"), names.IndexOf("category"), names.IndexOf("score"));
            if ((image < 0 && file < 0) || (category < 0 && name < 0) || (corners is null && sides is null) || score < 0)
                throw new InvalidInputException($"{source}: line 1: the header has {Shortened(string.Join(", ", names))}; needed are {Columns}.");
            return new(
                names,
                image >= 0 ? image : file, image >= 0 ? null : Ids(dataset?.Images.Select(entry => (entry.FileName, entry.Id))),
                category >= 0 ? category : name, category >= 0 ? null : Ids(dataset?.Categories.Select(entry => (entry.Name, entry.Id))),
                corners ?? sides!, corners is not null, score, dataset is not null);

            int[]? Find(params string[] wanted)
            {
                int[] found = [.. wanted.Select(name => names.IndexOf(name))];
                return found.Contains(-1) ? null : found;
            }
        }

        private static Dictionary<string, long> Ids(IEnumerable<(string Name, long Id)>? entries)
            => (entries ?? []).DistinctBy(entry => entry.Name).ToDictionary(entry => entry.Name, entry => entry.Id, StringComparer.Ordinal);
    }
}
