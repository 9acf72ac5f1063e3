using CsCheck;
using Serve.Api.Evaluation.Storage;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;

namespace Serve.Api.Tests.Evaluation;

public class DetectionBlobTests
{
    [Fact]
    public void Unpack_gives_back_what_Pack_took_to_the_last_bit()
    {
        var numbers = Gen.OneOf(Gen.Double, Gen.OneOfConst(0.0, -0.0, double.Epsilon, 0.1 + 0.2));
        var row = Gen.Select(Gen.Long, Gen.Long, numbers, numbers, numbers, numbers, numbers);

        row.Array[0, 20].Sample(rows =>
        {
            var table = new DetectionTable();
            foreach (var (image, category, x, y, w, h, score) in rows)
                table.Add(image, category, x, y, w, h, score);

            var back = new DetectionTable();
            DetectionBlob.Unpack(DetectionBlob.Pack(table), back);

            return back.ImageIds.SequenceEqual(table.ImageIds) && back.CategoryIds.SequenceEqual(table.CategoryIds)
                && Bits(back.X).SequenceEqual(Bits(table.X)) && Bits(back.Y).SequenceEqual(Bits(table.Y))
                && Bits(back.Width).SequenceEqual(Bits(table.Width)) && Bits(back.Height).SequenceEqual(Bits(table.Height))
                && Bits(back.Scores).SequenceEqual(Bits(table.Scores));
        });
    }

    [Fact]
    public void Masks_come_back_with_their_areas_and_only_where_they_are_asked_for()
    {
        var table = new DetectionTable { Segmentations = new() };
        table.Add(1, 2, 0, 0, 4, 3, 0.5, area: 7);
        table.Segmentations.AddCounts([2, 7, 3], height: 3, width: 4);
        table.Add(1, 3, 1, 1, 2, 2, 0.25, area: 0);
        table.Segmentations.AddCounts([12], height: 3, width: 4);
        var blob = DetectionBlob.Pack(table);

        var masks = new DetectionTable { Segmentations = new() };
        var boxes = new DetectionTable();
        DetectionBlob.Unpack(blob, masks);
        DetectionBlob.Unpack(blob, boxes);

        Assert.Equal([7.0, 0.0], masks.Areas.ToArray());
        Assert.Equal((3, 4), masks.Segmentations.SizeOf(1));
        Assert.Equal([table.Segmentations.TextOf(0).ToArray(), table.Segmentations.TextOf(1).ToArray()], new[] { masks.Segmentations.TextOf(0).ToArray(), masks.Segmentations.TextOf(1).ToArray() });
        Assert.Equal((2, true), (boxes.Count, boxes.Segmentations is null));
        Assert.Throws<InvalidDataException>(() => DetectionBlob.Unpack(blob[..^1], new DetectionTable { Segmentations = new() }));
        Assert.Throws<InvalidDataException>(() => DetectionBlob.Unpack(DetectionBlob.Pack(boxes.OfBoxes()), new DetectionTable { Segmentations = new() }));
    }

    [Fact]
    public void Polygons_and_detections_without_a_mask_come_back_as_they_were()
    {
        var table = new DetectionTable { Segmentations = new() };
        table.Add(1, 2, 0, 0, 4, 3, 0.5);
        table.Segmentations.AddNone();
        table.Add(1, 3, 1, 1, 2, 2, 0.25);
        table.Segmentations.AddPolygons([1, 1, 3, 1, 3, 3, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], [6, 8]);
        var blob = DetectionBlob.Pack(table);

        var back = new DetectionTable { Segmentations = new() };
        DetectionBlob.Unpack(blob, back);

        Assert.Equal([SegmentationKind.None, SegmentationKind.Polygons], new[] { back.Segmentations.KindOf(0), back.Segmentations.KindOf(1) });
        Assert.Equal(table.Segmentations.PolygonsOf(1).Numbers.ToArray(), back.Segmentations.PolygonsOf(1).Numbers.ToArray());
        Assert.Equal([6, 8], back.Segmentations.PolygonsOf(1).Lengths.ToArray());
        Assert.Throws<InvalidDataException>(() => DetectionBlob.Unpack(blob[..^1], new DetectionTable { Segmentations = new() }));
    }

    [Fact]
    public void Areas_that_are_not_those_of_the_boxes_come_back_where_no_mask_is_kept()
    {
        var table = new DetectionTable();
        table.Add(1, 2, 0, 0, 4, 3, 0.5, area: 7);

        var back = new DetectionTable();
        DetectionBlob.Unpack(DetectionBlob.Pack(table), back);

        Assert.Equal([7.0], back.Areas.ToArray());
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1, 2, 3, 4, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x53, 0x44, 0x54, 0x31, 1, 0, 0, 0 })]
    [InlineData(new byte[] { 0x53, 0x44, 0x54, 0x31, 255, 255, 255, 255 })]
    public void Unpack_refuses_other_bytes(byte[] blob)
        => Assert.Throws<InvalidDataException>(() => DetectionBlob.Unpack(blob, new DetectionTable()));

    private static long[] Bits(ReadOnlySpan<double> values) => System.Runtime.InteropServices.MemoryMarshal.Cast<double, long>(values).ToArray();
}
