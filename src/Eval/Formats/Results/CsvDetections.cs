using System.Globalization;
using nietras.SeparatedValues;
using Serve.Eval.Datasets;
using Serve.Eval.Json;

namespace Serve.Eval.Formats.Results;

/// <summary>Reads detections from CSV (RFC 4180): a header, and a detection a line.</summary>
/// <remarks>
/// Columns, in any order, others are passed over: <c>image_id</c> or <c>file_name</c>; <c>category_id</c> or <c>category</c> (its name); the box in pixels of
/// the original image as <c>x1, y1, x2, y2</c> or <c>x, y, width, height</c>; <c>score</c>. Separated by commas, semicolons or tabs; numbers have a point.
/// </remarks>
public static class CsvDetections
{
    private const string Columns = "image_id or file_name, category_id or category, x1,y1,x2,y2 or x,y,width,height, and score";

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidInputException">The file is not such a table; the message names the line, the column and the fault.</exception>
    public static async Task<DetectionTable> ReadAsync(string path, Dataset dataset, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        await using var file = InputFile.Open(path, path);
        var table = new DetectionTable();
        try
        {
            using var reader = await Sep.Reader(options => options with { Unescape = true }).FromAsync(file, ct);
            var layout = CsvLayout.Of(reader.Header.ColNames, path, dataset);
            while (await reader.MoveNextAsync(ct))
                Add(table, reader.Current, layout, path);
        }
        catch (Exception fault) when (fault is InvalidDataException or ArgumentException)
        {
            throw new InvalidInputException($"{path}: not a CSV table: {fault.Message.ReplaceLineEndings(" ")}", fault);
        }
        return table;
    }

    private static void Add(DetectionTable table, SepReader.Row row, CsvLayout layout, string path)
    {
        var (a, b) = (Number(row, layout.Box[0], layout, path), Number(row, layout.Box[1], layout, path));
        var (c, d) = (Number(row, layout.Box[2], layout, path), Number(row, layout.Box[3], layout, path));
        var score = Number(row, layout.Score, layout, path);
        var image = layout.Images is { } images
            ? Named(images, row, layout.Image, layout, path, "is the file name of no image of the dataset")
            : Id(row, layout.Image, layout, path);
        var category = layout.Categories is { } names
            ? Named(names, row, layout.Category, layout, path, "is the name of no category of the dataset")
            : Id(row, layout.Category, layout, path);
        table.Add(image, category, a, b, layout.HasCorners ? c - a : c, layout.HasCorners ? d - b : d, score);
    }

    private static double Number(SepReader.Row row, int column, CsvLayout layout, string path)
        => double.TryParse(row[column].Span, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw Wrong(row, column, layout, path, "must be a finite number");

    private static long Id(SepReader.Row row, int column, CsvLayout layout, string path)
        => long.TryParse(row[column].Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw Wrong(row, column, layout, path, "must be an integer");

    private static long Named(Dictionary<string, long> ids, SepReader.Row row, int column, CsvLayout layout, string path, string fault)
        => ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(row[column].Span, out var id) ? id : throw Wrong(row, column, layout, path, fault, plain: true);

    private static InvalidInputException Wrong(SepReader.Row row, int column, CsvLayout layout, string path, string fault, bool plain = false)
        => new($"{path}: line {row.LineNumberFrom}: \"{layout.Names[column]}\" is \"{row[column].Span}\"{(plain ? ", which " : "; it ")}{fault}.");

    /// <summary>Which column holds what.</summary>
    /// <param name="Names">Names of all columns.</param>
    /// <param name="Image">Column of the image.</param>
    /// <param name="Images">Ids by file name; null where the column holds ids.</param>
    /// <param name="Category">Column of the category.</param>
    /// <param name="Categories">Ids by name; null where the column holds ids.</param>
    /// <param name="Box">Columns of the box's four numbers.</param>
    /// <param name="HasCorners">Whether they are corners.</param>
    /// <param name="Score">Column of the score.</param>
    private sealed record CsvLayout(
        IReadOnlyList<string> Names, int Image, Dictionary<string, long>? Images, int Category, Dictionary<string, long>? Categories, int[] Box, bool HasCorners, int Score)
    {
        public static CsvLayout Of(IReadOnlyList<string> header, string path, Dataset dataset)
        {
            var names = header.Select(name => name.Trim()).ToList();
            var corners = Find("x1", "y1", "x2", "y2");
            var sides = Find("x", "y", "width", "height");
            var (image, file) = (names.IndexOf("image_id"), names.IndexOf("file_name"));
            var (category, name, score) = (names.IndexOf("category_id"), names.IndexOf("category"), names.IndexOf("score"));
            if ((image < 0 && file < 0) || (category < 0 && name < 0) || (corners is null && sides is null) || score < 0)
                throw new InvalidInputException($"{path}: line 1: the header has {string.Join(", ", names)}; needed are {Columns}.");
            return new(
                names,
                image >= 0 ? image : file, image >= 0 ? null : Ids(dataset.Images.Select(entry => (entry.FileName, entry.Id))),
                category >= 0 ? category : name, category >= 0 ? null : Ids(dataset.Categories.Select(entry => (entry.Name, entry.Id))),
                corners ?? sides!, corners is not null, score);

            int[]? Find(params string[] wanted)
            {
                int[] found = [.. wanted.Select(name => names.IndexOf(name))];
                return found.Contains(-1) ? null : found;
            }
        }

        private static Dictionary<string, long> Ids(IEnumerable<(string Name, long Id)> entries)
            => entries.DistinctBy(entry => entry.Name).ToDictionary(entry => entry.Name, entry => entry.Id, StringComparer.Ordinal);
    }
}
