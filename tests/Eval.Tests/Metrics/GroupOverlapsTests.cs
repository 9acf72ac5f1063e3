using Serve.Eval.Errors;
using Serve.Eval.Metrics;
using Serve.Eval.Usb;

namespace Serve.Eval.Tests.Metrics;

public class GroupOverlapsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void More_pairs_than_an_array_holds_are_refused_wherever_groups_are_compared()
    {
        var input = Input(70_000, 40_000);

        Assert.All(
            [
                () => Matching.Match(input, ct: Ct),
                () => BandCurves.Of(input, ScaleBand.All, UsbProtocol.Coco, ct: Ct),
                () => PooledOverlaps.Find(input, 0.5, -1, Ct),
            ],
            (Func<object> compare) => Assert.Equal(
                "image id 3, category id 7: 70000 detections and 40000 ground truths are 2800000000 pairs; at most 2147483591 are allowed, so the detections need a limit (MaxDetections).",
                Assert.Throws<InvalidInputException>(compare).Message));
    }

    [Fact]
    public void Pooled_categories_are_not_named()
    {
        var input = Input(70_000, 40_000) with { CategoryIds = [-1] };

        var fault = Assert.Throws<InvalidInputException>(() => new GroupOverlaps(input).Of(input.Groups[0]));

        Assert.StartsWith("image id 3, all categories: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_group_takes_no_more_memory_than_it_needs()
    {
        var input = Input(2000, 1000);
        var small = Input(2, 1);
        new GroupOverlaps(small).Of(small.Groups[0]); // What a first call loads is not the group's memory.
        var overlaps = new GroupOverlaps(input);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var found = overlaps.Of(input.Groups[0]);

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(2_000_000, found.Length);
        Assert.InRange(allocated, 16_000_000, 16_001_000);
    }

    private static MatchInput Input(int detections, int groundTruths) => new()
    {
        ImageIds = [3],
        CategoryIds = [7],
        Groups = [new(0, 0, 0, detections, 0, groundTruths)],
        DetectionRows = new int[detections],
        Scores = new double[detections],
        DetectionAreas = new double[detections],
        GroundTruthRows = new int[groundTruths],
        GroundTruthAreas = [.. Enumerable.Repeat(9.0, groundTruths)],
        IsCrowd = new bool[groundTruths],
        IsIgnored = new bool[groundTruths],
        Overlap = new NoOverlap(),
        IouThresholds = [0.5],
        AreaRanges = [.. AreaRange.Coco],
    };

    private sealed class NoOverlap : IOverlap
    {
        public void Compute(PairGroup group, Span<double> overlaps) => overlaps.Clear();
    }
}
