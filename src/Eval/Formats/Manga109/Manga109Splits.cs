using System.Text.Json;

namespace Serve.Eval.Formats.Manga109;

/// <summary>Which book belongs to which split of the USB benchmark: data that is read from <c>manga109s-splits.json</c>.</summary>
/// <param name="Test">Books of <c>15test</c>.</param>
/// <param name="Val">Books of <c>4val</c>.</param>
/// <param name="TrainBooks">How many books the training split has when all are there.</param>
internal sealed record Manga109Splits(IReadOnlyList<string> Test, IReadOnlyList<string> Val, int TrainBooks)
{
    /// <summary>The benchmark's splits.</summary>
    public static Manga109Splits Usb { get; } = Read();

    /// <summary>Name of the test split.</summary>
    public string TestName => $"{Test.Count}test";

    /// <summary>Name of the validation split.</summary>
    public string ValName => $"{Val.Count}val";

    /// <summary>Sorts books into splits. A split without any is left out; the training split is named after the number of its books.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Of(IReadOnlyList<string> books)
    {
        IReadOnlyList<string> train = [.. books.Where(book => !Test.Contains(book) && !Val.Contains(book))];
        var splits = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            [$"{train.Count}train"] = train,
            [ValName] = [.. Val.Where(books.Contains)],
            [TestName] = [.. Test.Where(books.Contains)],
        };
        return splits.Where(split => split.Value.Count > 0).ToDictionary(StringComparer.Ordinal);
    }

    private static Manga109Splits Read()
    {
        using var stream = typeof(Manga109Splits).Assembly.GetManifestResourceStream("manga109s-splits.json")!;
        using var document = JsonDocument.Parse(stream);
        var root = document.RootElement;
        return new(Names(root.GetProperty("test")), Names(root.GetProperty("val")), root.GetProperty("trainBooks").GetInt32());
    }

    private static string[] Names(JsonElement list) => [.. list.EnumerateArray().Select(name => name.GetString()!)];
}
