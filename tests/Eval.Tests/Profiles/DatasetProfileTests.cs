using System.Text.Json;
using System.Xml.Linq;
using Serve.Eval.Datasets;
using Serve.Eval.Formats;
using Serve.Eval.Masks;
using Serve.Eval.Profiles;

namespace Serve.Eval.Tests.Profiles;

public class DatasetProfileTests
{
    private static readonly Dataset Data = Create();

    [Fact]
    public void Counts_are_those_of_the_dataset()
    {
        var profile = DatasetProfile.Of("val", Data);

        Assert.Equal((4, 1, 5, 1, 1, 1, 0), (profile.Images, profile.EmptyImages, profile.Objects, profile.Crowds, profile.Ignored, profile.Masks, profile.WithKeypoints));
        Assert.Equal(new ObjectsPerImage(0, 1.25, 1, 3), profile.PerImage);
        Assert.Equal((2, 1, 1), (profile.Small, profile.Medium, profile.Large));
        Assert.Equal([new(1, "cat", 4, 2, 1), new(2, "dog", 1, 1, 0), new(3, "cow", 0, 0, 0)], profile.Categories);
    }

    [Fact]
    public void Scales_lie_in_octaves_and_a_value_on_an_edge_in_the_bin_above()
    {
        var profile = DatasetProfile.Of("val", Data);

        // 32 x 32 and 64 x 64 in 1024 x 1024: 1/32 and 1/16; 128 x 128 in 128 x 128: 1; a size that is not known leaves the last out.
        Assert.Equal([0, 0, 0, 0, 1, 1, 0, 0, 0, 1], profile.RelativeScale.Counts);
        Assert.Equal([1, 0, 0, 1, 1, 1, 0, 0, 0], profile.AbsoluteScale.Counts);
        Assert.Equal([0, 0, 0, 3, 1, 0], profile.Aspect.Counts);
        Assert.Equal("below 1/256", ScaleAxis.Relative.Bin(0));
        Assert.Equal("1/32 to 1/16", ScaleAxis.Relative.Bin(4));
        Assert.Equal("1024 and more", ScaleAxis.Absolute.Bin(8));
        Assert.Equal(1 / 3.0, profile.RelativeScale.Share(4), 12);
    }

    [Fact]
    public void An_empty_split_has_zeros()
    {
        var profile = DatasetProfile.Of("none", new([], [], [], ""));

        Assert.Equal((0, 0, new ObjectsPerImage(0, 0, 0, 0)), (profile.Images, profile.Objects, profile.PerImage));
        Assert.Equal(0, profile.RelativeScale.Share(0));
        Assert.NotEmpty(new ProfileReport("d", DatasetFormat.Coco, [profile]).ToFigure().ToSvg());
    }

    [Fact]
    public void The_text_has_a_column_a_split()
    {
        var report = new ProfileReport("data", DatasetFormat.Coco, [DatasetProfile.Of("train", Data), DatasetProfile.Of("val", Data)]);

        var lines = report.ToText().Split(Environment.NewLine);

        Assert.Equal("data", lines[0]);
        Assert.Matches("^ +train +val$", lines[1]);
        Assert.Contains(lines, line => line.StartsWith("images  ", StringComparison.Ordinal) && line.EndsWith(" 4", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  1/32 to 1/16", StringComparison.Ordinal) && line.EndsWith("1 (33.3%)", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  cat", StringComparison.Ordinal) && line.EndsWith("4 (2)", StringComparison.Ordinal));
    }

    [Fact]
    public void The_json_has_edges_and_counts()
    {
        using var document = JsonDocument.Parse(new ProfileReport("data", DatasetFormat.Voc, [DatasetProfile.Of("val", Data)]).ToJson());

        var root = document.RootElement;
        var split = root.GetProperty("splits")[0];
        var last = split.GetProperty("relativeScale")[9];
        Assert.Equal("voc", root.GetProperty("format").GetString());
        Assert.Equal((1.0, JsonValueKind.Null, 1), (last.GetProperty("from").GetDouble(), last.GetProperty("to").ValueKind, last.GetProperty("count").GetInt32()));
        Assert.Equal(1, split.GetProperty("objectsPerImage").GetProperty("median").GetDouble());
    }

    [Fact]
    public void The_picture_is_svg_with_its_own_background_and_a_bar_for_each_bin_that_is_not_empty()
    {
        var figure = new ProfileReport("data", DatasetFormat.Coco, [DatasetProfile.Of("a<b", Data)]).ToFigure();

        var svg = XElement.Parse(figure.ToSvg());
        XNamespace ns = "http://www.w3.org/2000/svg";
        var boxes = svg.Elements(ns + "rect").ToArray();
        Assert.Equal(("0", "0", "960", "400", "#ffffff"), ((string?)boxes[0].Attribute("x"), (string?)boxes[0].Attribute("y"), (string?)boxes[0].Attribute("width"), (string?)boxes[0].Attribute("height"), (string?)boxes[0].Attribute("fill")));
        Assert.Equal(3 + 4, boxes.Count(box => (string?)box.Attribute("fill") == "#1d4e89" && (string?)box.Attribute("width") != "12"));
        Assert.Contains(svg.Elements(ns + "text"), text => text.Value == "a<b: 5 objects on 4 images");
        Assert.All(svg.Elements(ns + "text"), text => Assert.InRange((double)text.Attribute("x")!, 0, figure.Width));
    }

    [Fact]
    public void A_name_with_characters_that_xml_has_not_is_drawn()
    {
        var svg = new ProfileReport("data", DatasetFormat.Coco, [DatasetProfile.Of("a\u0001\"b'\ud800", Data)]).ToFigure().ToSvg();

        Assert.StartsWith("How large the objects of a\uFFFD\"b'\uFFFD are", XElement.Parse(svg).Elements().First().Value, StringComparison.Ordinal);
    }

    // Crowds count, but have no size; the object on the image of unknown size has no relative scale.
    private static Dataset Create()
    {
        var masks = new SegmentationTable();
        masks.AddPolygons([0, 0, 1, 0, 1, 1], [6]);
        for (var i = 0; i < 4; i++)
            masks.AddNone();
        return new(
            [new(1, "a", 1024, 1024), new(2, "b", 128, 128), new(3, "c", 0, 0), new(4, "d", 9, 9)],
            [new(1, "cat"), new(2, "dog"), new(3, "cow")],
            [
                new(1, 1, 1, 0, 0, 32, 32, 1024, false), new(2, 1, 1, 0, 0, 64, 64, 4096, false) { IsIgnored = true },
                new(3, 1, 1, 0, 0, 500, 500, 250_000, true), new(4, 3, 2, 0, 0, 9, 4, 9, false), new(5, 2, 1, 0, 0, 128, 128, 16_384, false),
            ],
            "")
        {
            Segmentations = masks,
        };
    }
}
