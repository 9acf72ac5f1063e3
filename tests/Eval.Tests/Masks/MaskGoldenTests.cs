using System.Text;
using System.Text.Json;
using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Masks;

/// <summary>Equality with the reference's own mask functions, on every list beside this clone.</summary>
public class MaskGoldenTests
{
    [Fact]
    public void Polygons_are_drawn_alike()
        => Compare("polygons", (given, wanted) => Same(wanted, Draw(given.GetProperty("polygon"), given)));

    [Fact]
    public void Unions_and_intersections_of_polygons_are_alike()
        => Compare("multi", (given, wanted) =>
        {
            RunLengths[] masks = [.. given.GetProperty("polygons").EnumerateArray().Select(polygon => Draw(polygon, given))];
            Assert.All(wanted.GetProperty("each").EnumerateArray().Zip(masks), pair => Same(pair.First, pair.Second));
            Same(wanted.GetProperty("union"), Join(masks, intersect: false));
            Same(wanted.GetProperty("intersection"), Join(masks, intersect: true));
            Same(wanted.GetProperty("union"), DrawAll(given));
        });

    [Fact]
    public void Plain_run_lengths_are_alike()
        => Compare("rles", (given, wanted) =>
        {
            Same(wanted, Mask(given.GetProperty("counts"), given));
            var read = new RunLengths();
            Assert.True(read.TryRead(Encoding.ASCII.GetBytes(wanted.GetProperty("rle").GetString()!), Height(given), Width(given)));
            Assert.Equal(given.GetProperty("counts").EnumerateArray().Select(count => count.GetUInt32()), read.ToCounts());
        });

    [Fact]
    public void Overlaps_of_masks_are_the_same_numbers()
        => Compare("maskPairs", (given, wanted) =>
        {
            RunLengths[] detections = [.. given.GetProperty("dt").EnumerateArray().Select(counts => Mask(counts, given))];
            RunLengths[] groundTruths = [.. given.GetProperty("gt").EnumerateArray().Select(counts => Mask(counts, given))];
            bool[] isCrowd = [.. given.GetProperty("iscrowd").EnumerateArray().Select(flag => flag.GetInt32() == 1)];
            Assert.Equal(Matrix(wanted), detections.Select(d => groundTruths.Select((g, i) => MaskSets.Iou(d, g, isCrowd[i]))));
            Assert.Equal(Matrix(wanted), detections.Select(d => groundTruths.Select((g, i) => Target(g).Overlap(d, d.Area, isCrowd[i]))));
            RunLengths[] all = [.. detections, .. groundTruths];
            Same(wanted.GetProperty("union"), Join(all, intersect: false));
            Same(wanted.GetProperty("intersection"), Join(all, intersect: true));
        });

    private static JsonDocument Read(string file) => JsonDocument.Parse(File.ReadAllBytes(TestFiles.Shared($"golden/masks/{file}")));

    private static void Compare(string list, Action<JsonElement, JsonElement> compare)
    {
        using var input = Read("input.json");
        using var golden = Read("golden.json");
        var (given, wanted) = (input.RootElement.GetProperty(list), golden.RootElement.GetProperty(list));
        Assert.True(given.GetArrayLength() > 0 && given.GetArrayLength() == wanted.GetArrayLength());
        Assert.All(given.EnumerateArray().Zip(wanted.EnumerateArray()), pair => compare(pair.First, pair.Second));
    }

    private static void Same(JsonElement wanted, RunLengths mask)
    {
        Assert.Equal(wanted.GetProperty("rle").GetString(), Encoding.ASCII.GetString(mask.ToText()));
        if (wanted.TryGetProperty("area", out var area))
            Assert.Equal(area.GetInt64(), mask.Area);
        var (x, y, width, height) = mask.EnclosingBox();
        if (wanted.TryGetProperty("bbox", out var box))
            Assert.Equal(box.EnumerateArray().Select(number => number.GetDouble()), [x, y, width, height]);
    }

    private static IEnumerable<IEnumerable<double>> Matrix(JsonElement wanted)
        => wanted.GetProperty("iou").EnumerateArray().Select(row => row.EnumerateArray().Select(number => number.GetDouble()));

    private static RunLengths Draw(JsonElement polygon, JsonElement image)
    {
        var mask = new RunLengths();
        new PolygonRasteriser().Draw([.. polygon.EnumerateArray().Select(number => number.GetDouble())], Height(image), Width(image), mask);
        return mask;
    }

    private static RunLengths DrawAll(JsonElement image)
    {
        var (table, mask) = (new SegmentationTable(), new RunLengths());
        double[][] polygons = [.. image.GetProperty("polygons").EnumerateArray().Select(polygon => polygon.EnumerateArray().Select(number => number.GetDouble()).ToArray())];
        table.AddPolygons([.. polygons.SelectMany(polygon => polygon)], [.. polygons.Select(polygon => polygon.Length)]);
        new MaskRasteriser().Draw(table, 0, Height(image), Width(image), mask);
        return mask;
    }

    private static RunLengths Mask(JsonElement counts, JsonElement image)
        => TestMasks.Of([.. counts.EnumerateArray().Select(count => count.GetUInt32())], Height(image), Width(image));

    private static RunLengths Join(RunLengths[] masks, bool intersect) => masks.Skip(1).Aggregate(masks[0], (joined, next) =>
    {
        var both = new RunLengths();
        MaskSets.Join(joined, next, intersect, both);
        return both;
    });

    private static MaskTarget Target(RunLengths mask)
    {
        var target = new MaskTarget();
        target.Mask.CopyFrom(mask);
        target.Prepare();
        return target;
    }

    private static int Height(JsonElement image) => image.GetProperty("h").GetInt32();

    private static int Width(JsonElement image) => image.GetProperty("w").GetInt32();
}
