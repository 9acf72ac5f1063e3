using CsCheck;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;
using Serve.Eval.Metrics;

namespace Serve.Eval.Tests.Masks;

public class MaskOverlapTests
{
    [Fact]
    public void Overlaps_are_those_of_the_pixels()
        => Masks(shortest: 1).Sample(masks =>
        {
            var overlaps = Overlaps(masks.Detections, masks.GroundTruths, masks.IsCrowd);
            return overlaps.SequenceEqual(masks.Detections.SelectMany(d => masks.GroundTruths.Select((g, i) => NaiveMask.Of(d).Iou(NaiveMask.Of(g), masks.IsCrowd[i]))));
        }, iter: 60);

    [Fact]
    public void Overlaps_are_those_of_the_walk_along_the_runs_also_where_runs_have_no_pixels()
        => Masks(shortest: 0).Sample(masks =>
        {
            var overlaps = Overlaps(masks.Detections, masks.GroundTruths, masks.IsCrowd);
            return overlaps.SequenceEqual(masks.Detections.SelectMany(d => masks.GroundTruths.Select((g, i) => MaskSets.Iou(d, g, masks.IsCrowd[i]))));
        }, iter: 300);

    [Fact]
    public void Boundary_overlaps_are_the_smaller_of_both_and_those_of_the_masks_for_crowds()
        => Gen.Select(RandomMasks.Blobs.SelectMany(first => RandomMasks.Blobs.Array[1, 5].Select(others => (NaiveMask[])[first, .. others.Select(other => Resize(other, first))])), Gen.Bool, Gen.Double[0.01, 0.2])
            .Sample((masks, isCrowd, ratio) =>
            {
                var (target, found) = (masks[0], masks[1..]);
                var overlaps = Overlaps([.. found.Select(RandomMasks.Of)], [RandomMasks.Of(target)], [isCrowd], ratio);
                return overlaps.SequenceEqual(found.Select(mask => isCrowd ? mask.Iou(target, true) : Math.Min(mask.Iou(target, false), Boundary(mask, ratio).Iou(Boundary(target, ratio), false))));
            }, iter: 60);

    [Fact]
    public void Masks_of_different_sizes_have_the_overlap_minus_one_where_their_boxes_overlap()
    {
        RunLengths[] detections = [TestMasks.Of([0, 12], 3, 4), TestMasks.Of([0, 2, 10], 3, 4), TestMasks.Of([12], 3, 4)];

        Assert.Equal([-1, -1, 0, 0, 0, 0], Overlaps(detections, [TestMasks.Of([0, 12], 4, 3), TestMasks.Of([11, 1], 4, 3)], [false, false]).Order());
        Assert.Equal([-1, 0, 0], Overlaps(detections, [TestMasks.Of([10, 2], 4, 3)], [false], dilationRatio: 0.02));
    }

    [Fact]
    public void A_detection_without_a_mask_has_that_of_its_box()
    {
        var (dataset, detections) = (Polygons([2, 2, 2, 6, 8, 6, 8, 2]), new DetectionTable());
        detections.Add(7, 1, 2, 2, 6, 4, score: 0.5);
        detections.Add(7, 1, 5, 2, 6, 4, score: 0.4);

        Assert.Equal([1, 3.0 / 9], Overlaps(dataset, detections));
    }

    [Theory]
    [InlineData(new double[] { }, "annotation id 5: its segmentation starts with a polygon of 0 numbers; it must have at least 6, which are three points.")]
    [InlineData(new[] { 1.0, 2, 3, 4 }, "annotation id 5: its segmentation starts with a polygon of 4 numbers; it must have at least 6, which are three points.")]
    [InlineData(new[] { 1.0, 2, 3, 4, 5, double.NaN }, "annotation id 5: its segmentation has the coordinate NaN; it must be finite and at most 214748364 away from 0.")]
    public void A_ground_truth_that_cannot_be_drawn_is_refused(double[] polygon, string message)
    {
        var detections = new DetectionTable();
        detections.Add(7, 1, 2, 2, 6, 4, score: 0.5);

        Assert.Equal(message, Assert.Throws<InvalidInputException>(() => Overlaps(Polygons(polygon), detections)).Message);
    }

    [Fact]
    public void A_detection_that_cannot_be_drawn_is_refused()
    {
        var (dataset, detections) = (Polygons([2, 2, 2, 6, 8, 6, 8, 2]), new DetectionTable { Segmentations = new() });
        detections.Add(7, 1, 2, 2, 6, 4, score: 0.5);
        detections.Segmentations.AddRunLengths("1p"u8, 10, 12);

        var fault = Assert.Throws<InvalidInputException>(() => Overlaps(dataset, detections));

        Assert.Equal("detection #1: its segmentation does not hold the text form of run lengths that fit into its size, 10 x 12: characters '0' to 'o', and no more pixels than that.", fault.Message);
    }

    [Fact]
    public void A_box_that_cannot_be_drawn_is_refused()
    {
        var (dataset, detections) = (Polygons([2, 2, 2, 6, 8, 6, 8, 2]), new DetectionTable());
        detections.Add(7, 1, 2, 2, 1e9, 4, score: 0.5);

        var fault = Assert.Throws<InvalidInputException>(() => Overlaps(dataset, detections));

        Assert.Equal("detection #1: its box has the coordinate 1000000002; it must be finite and at most 214748364 away from 0.", fault.Message);
    }

    [Fact]
    public void Evaluation_refuses_a_mask_that_cannot_be_drawn_with_the_same_words()
    {
        var detections = new DetectionTable();
        detections.Add(7, 1, 2, 2, 6, 4, score: 0.5);

        var fault = Assert.Throws<InvalidInputException>(() => Evaluator.Evaluate(Polygons([1, 2]), detections, CocoProtocol.Masks, ct: TestContext.Current.CancellationToken));

        Assert.Equal("annotation id 5: its segmentation starts with a polygon of 2 numbers; it must have at least 6, which are three points.", fault.Message);
    }

    private static Gen<(RunLengths[] Detections, RunLengths[] GroundTruths, bool[] IsCrowd)> Masks(int shortest)
        => RandomMasks.Size.SelectMany(size => Gen.Select(RandomMasks.Runs(size, shortest).Array[1, 4], Gen.Select(RandomMasks.Runs(size, shortest), Gen.Bool).Array[1, 4])
            .Select((found, wanted) => (found, wanted.Select(w => w.Item1).ToArray(), wanted.Select(w => w.Item2).ToArray())));

    private static NaiveMask Resize(NaiveMask mask, NaiveMask like) => NaiveMask.From(like.Height, like.Width, (row, column) => mask[row, column]);

    private static NaiveMask Boundary(NaiveMask mask, double ratio)
    {
        var inner = mask.Erode((int)Math.Max(1, Math.Round(ratio * Math.Sqrt((mask.Height * mask.Height) + (mask.Width * mask.Width)))));
        return NaiveMask.From(mask.Height, mask.Width, (row, column) => mask[row, column] && !inner[row, column]);
    }

    private static Dataset Polygons(double[] polygon)
    {
        var masks = new SegmentationTable();
        masks.AddPolygons(polygon, [polygon.Length]);
        return new([new(7, "", 12, 10)], [new(1, "a")], [new(5, 7, 1, 0, 0, 1, 1, 1, false)], "") { Segmentations = masks };
    }

    private static double[] Overlaps(RunLengths[] found, RunLengths[] wanted, bool[] isCrowd, double? dilationRatio = null)
    {
        var (detections, masks) = (new DetectionTable { Segmentations = new() }, new SegmentationTable());
        foreach (var mask in found)
        {
            detections.Add(7, 1, 0, 0, 1, 1, score: 0.5);
            detections.Segmentations.AddRunLengths(mask.ToText(), mask.Height, mask.Width);
        }
        foreach (var mask in wanted)
            masks.AddCounts(mask.ToCounts(), mask.Height, mask.Width);
        var groundTruths = isCrowd.Select((crowd, i) => new GroundTruth(i + 1, 7, 1, 0, 0, 1, 1, 1, crowd)).ToList();
        return Overlaps(new([new(7, "", 12, 10)], [new(1, "a")], groundTruths, "") { Segmentations = masks }, detections, dilationRatio);
    }

    private static double[] Overlaps(Dataset dataset, DetectionTable detections, double? dilationRatio = null)
    {
        var group = new PairGroup(0, 0, 0, detections.Count, 0, dataset.GroundTruths.Count);
        var rows = new GroupedRows([group], [.. Enumerable.Range(0, detections.Count)], [.. Enumerable.Range(0, dataset.GroundTruths.Count)]);
        var overlaps = new double[detections.Count * dataset.GroundTruths.Count];
        MaskRules.Overlap(dataset, detections, dilationRatio, rows, [7], [.. dataset.GroundTruths.Select(g => g.IsCrowd)]).Compute(group, overlaps);
        return overlaps;
    }
}
