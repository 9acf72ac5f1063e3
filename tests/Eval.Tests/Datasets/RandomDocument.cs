using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Serve.Eval.Tests.Datasets;

/// <summary>Random COCO documents that are as awkward as JSON allows, and what they say, as <see cref="TableText"/> puts it.</summary>
internal sealed class RandomDocument(int seed)
{
    private static readonly string[] Traps =
    [
        "plain", "},{\"image_id\": 1, \"bbox\": [1,2,3,4]}", "\\", "\"", "\\\\\"", "[{\"id\":1},{\"id\":2}]", "é日😀", "\n\t\0", "", "]", "}", "\":{[", "},{\"id\":7,\"image_id\":9",
    ];

    private readonly Random random = new(seed);
    private readonly StringBuilder said = new();

    /// <summary>What the document says.</summary>
    public string Said => said.ToString();

    /// <summary>A results file whose detections have boxes.</summary>
    public string Results(int count) => $"{Space()}[{Space()}{List(count, Detection)}]{Space()}";

    /// <summary>An annotation file.</summary>
    public string Dataset(int images, int categories, int annotations)
    {
        var lists = new List<(string Name, Func<string> Records)>
        {
            ("images", () => $"[{Space()}{List(images, Image)}]"),
            ("categories", () => $"[{Space()}{List(categories, Category)}]"),
            ("annotations", () => $"[{Space()}{List(annotations, Annotation)}]"),
        };
        var parts = lists.ConvertAll(list => (list.Name, Text: list.Records()));
        for (var i = random.Next(3); i > 0; i--)
            parts.Insert(random.Next(parts.Count + 1), ($"other{i}", Extra(3)));
        // The order in which kinds are told is that of the text, not of the file.
        Shuffle(parts);
        return $"{Space()}{{{Space()}{string.Join($"{Space()},{Space()}", parts.Select(part => $"{Name(part.Name)}{Space()}:{Space()}{part.Text}{Space()}"))}}}{Space()}";
    }

    private string Detection()
    {
        var (image, category, box, score) = (Id(), Id(), Numbers(4), Number());
        var area = double.Parse(box[2], CultureInfo.InvariantCulture) * double.Parse(box[3], CultureInfo.InvariantCulture);
        Say($"detection on {image} of {category} at {Read(box)} area {Read(area)} score {Read([score])}");
        return Record([("image_id", $"{image}"), ("category_id", $"{category}"), ("bbox", Array(box)), ("score", score)]);
    }

    private string Image()
    {
        var (id, width, height, name) = (Id(), random.Next(5000), random.Next(5000), Trap());
        List<(string, string)> fields = [("id", $"{id}"), ("width", $"{width}"), ("height", $"{height}"), ("file_name", Text(name))];
        var negative = Enumerable.Range(0, random.Next(4)).Select(_ => Id()).ToArray();
        if (negative.Length > 0)
            fields.Add(("neg_category_ids", Array([.. negative.Select(i => $"{i}")])));
        Say($"image {id} \"{name}\" {width}x{height} -[{string.Join(' ', negative)}] ?[]");
        return Record(fields);
    }

    private string Category()
    {
        var (id, name) = (Id(), Trap());
        Say($"category {id} \"{name}\" thing - [-]");
        return Record([("id", $"{id}"), ("name", Text(name)), ("supercategory", Text("thing"))]);
    }

    private string Annotation()
    {
        var (id, image, category, box, area, crowd, ignore) = (Id(), Id(), Id(), Numbers(4), Number(), random.Next(2), random.Next(2));
        List<(string, string)> fields =
        [
            ("id", $"{id}"), ("image_id", $"{image}"), ("category_id", $"{category}"), ("bbox", Array(box)), ("area", area),
            ("iscrowd", crowd == 1 && random.Next(2) == 0 ? "true" : $"{crowd}"), ("ignore", $"{ignore}"),
        ];
        var mask = " no mask";
        if (random.Next(3) > 0)
            fields.Add(("segmentation", Segmentation(out mask)));
        var (points, labelled) = (Numbers(3 * random.Next(5)), random.Next(-1, 5));
        fields.Add(("keypoints", Array(points)));
        if (labelled >= 0)
            fields.Add(("num_keypoints", $"{labelled}"));
        Say($"object {id} on {image} of {category} at {Read(box)} area {Read([area])} {crowd == 1} {ignore == 1}{mask} keypoints {Read(points)} labelled {labelled}");
        return Record(fields);
    }

    private string Segmentation(out string said)
    {
        if (random.Next(2) == 0)
        {
            var polygons = Enumerable.Range(0, random.Next(3)).Select(_ => Numbers(random.Next(9))).ToArray();
            said = " polygons" + string.Concat(polygons.Select(polygon => $"({Read(polygon)})"));
            return Array([.. polygons.Select(Array)]);
        }
        var text = new string([.. Enumerable.Range(0, random.Next(60)).Select(_ => (char)('0' + random.Next(64)))]);
        said = $" Text ({1000}, {700}) {text}";
        return Record([("size", Array(["1000", "700"])), ("counts", Text(text))]);
    }

    private string Record(List<(string Name, string Value)> fields)
    {
        for (var i = random.Next(3); i > 0; i--)
            fields.Add(($"extra{i}", Extra(2)));
        Shuffle(fields);
        return $"{{{Space()}{string.Join($"{Space()},{Space()}", fields.Select(field => $"{Name(field.Name)}{Space()}:{Space()}{field.Value}"))}{Space()}}}";
    }

    private string Extra(int depth) => (depth == 0 ? 0 : random.Next(4)) switch
    {
        0 => Text(Trap()),
        1 => $"[{Space()}{List(random.Next(4), () => Extra(depth - 1))}]",
        2 => $"{{{List(random.Next(3), () => $"{Text(Trap())}:{Space()}{Extra(depth - 1)}")}}}",
        _ => random.Next(2) == 0 ? "null" : Number(),
    };

    private string List(int count, Func<string> item) => string.Join($"{Space()},{Space()}", Enumerable.Range(0, count).Select(_ => item()).ToArray()) + Space();

    private string Array(string[] items) => $"[{Space()}{string.Join($"{Space()},{Space()}", items)}{Space()}]";

    private string[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => Number())];

    private string Number() => random.Next(5) switch
    {
        0 => $"{random.Next(-3, 1000)}",
        1 => (random.NextDouble() * 640).ToString("F2", CultureInfo.InvariantCulture),
        2 => ((double)(float)random.NextDouble()).ToString("R", CultureInfo.InvariantCulture),
        3 => (random.NextDouble() * 1e-5).ToString("R", CultureInfo.InvariantCulture),
        _ => (random.NextDouble() - 0.5).ToString("E16", CultureInfo.InvariantCulture),
    };

    private long Id() => random.Next(4) == 0 ? random.NextInt64(long.MinValue, long.MaxValue) : random.Next(-5, 100_000_000);

    private string Trap() => Traps[random.Next(Traps.Length)];

    private string Text(string text) => random.Next(2) == 0
        ? JsonSerializer.Serialize(text)
        : $"\"{string.Concat(text.EnumerateRunes().Select(Rune))}\"";

    private string Rune(Rune rune) => rune.Value is '"' or '\\' or < ' ' || random.Next(8) == 0 ? string.Concat(rune.ToString().Select(c => $"\\u{(int)c:x4}")) : rune.ToString();

    private string Name(string name) => random.Next(20) == 0 ? $"\"\\u{(int)name[0]:X4}{name[1..]}\"" : $"\"{name}\"";

    private string Space() => random.Next(12) switch { < 6 => "", < 9 => " ", 9 => "\n", 10 => "\r\n\t", _ => new string(' ', random.Next(80)) };

    private void Shuffle<T>(List<T> items)
    {
        var shuffled = items.ToArray();
        random.Shuffle(shuffled);
        items.Clear();
        items.AddRange(shuffled);
    }

    private static string Read(string[] numbers) => TableText.Numbers([.. numbers.Select(number => double.Parse(number, CultureInfo.InvariantCulture))]);

    private static string Read(double number) => TableText.Numbers([number]);

    private void Say(FormattableString line) => said.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}
