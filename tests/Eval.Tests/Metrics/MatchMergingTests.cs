using CsCheck;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;
using Serve.Eval.Tests.Coco;

namespace Serve.Eval.Tests.Metrics;

public class MatchMergingTests
{
    [Fact]
    public void Merged_parts_give_the_same_arrays_as_all_at_once()
        => RandomScenes.Any.Sample(scene =>
        {
            long[][] shards = [[2], [0, -1], [1]];
            var parts = shards.Select(shard => Evaluator.Evaluate(scene.Dataset, scene.Table, scene.Protocol with { ImageIds = shard }).Matches).ToList();

            var curves = Evaluator.Evaluate(MatchTable.Merge(parts), scene.Dataset, scene.Protocol).Curves;

            return new PrecisionRecallArrays(curves.Precision, curves.Recall, curves.Scores) == scene.Evaluate();
        }, iter: 300);

    [Fact]
    public void An_image_in_two_parts_is_refused()
        => RandomScenes.Any.Sample(scene =>
        {
            var part = Evaluator.Evaluate(scene.Dataset, scene.Table, scene.Protocol).Matches;

            var fault = Assert.Throws<InvalidInputException>(() => MatchTable.Merge([part, part]));

            Assert.Equal("Image -1 is in two parts of an evaluation; each image must be in one.", fault.Message);
        }, iter: 100);

    [Fact]
    public void Memory_of_merging_grows_with_the_parts_not_with_their_groups_times_their_length()
    {
        MatchTable[] parts = [Shard(0, 2000), Shard(2000, 2000)];
        MatchTable.Merge(parts);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var merged = MatchTable.Merge(parts);

        // 16,000 detections and 4,000 objects of some twenty bytes each, and as much again to put them in order.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4L << 20);
        Assert.Null(merged.Input.IsIgnoredUnmatched);
        Assert.Null(merged.Input.HasZeroId);
    }

    [Fact]
    public void What_was_merged_does_not_change_with_the_list_of_parts()
    {
        List<MatchTable> parts = [Shard(0, 1), Shard(1, 1)];
        var merged = MatchTable.Merge(parts);
        parts.Clear();

        var again = Matching.Match(merged.Input, ct: TestContext.Current.CancellationToken);

        Assert.Equal([0, -1, -1, -1, 1, -1, -1, -1], again.DetectionMatches(0, 0));
    }

    /// <summary>Images with an object and four detections each, the first of them right.</summary>
    private static MatchTable Shard(int firstImage, int images)
    {
        var ids = Enumerable.Range(firstImage, images);
        var table = new DetectionTable();
        foreach (var image in ids)
        {
            for (var d = 0; d < 4; d++)
                table.Add(image, 1, d * 20, 0, 10, 10, 0.9 - (d * 0.1));
        }
        var dataset = new Dataset(
            [.. ids.Select(id => new ImageEntry(id, "", 0, 0))], [new(1, "a")], [.. ids.Select(id => new GroundTruth(id + 1, id, 1, 0, 0, 10, 10, 100, false))], "");
        var protocol = CocoProtocol.BoundingBox with { IouThresholds = [0.5], AreaRanges = [new("all", 0, 1e10)] };
        return Evaluator.Evaluate(dataset, table, protocol, ct: TestContext.Current.CancellationToken).Matches;
    }
}
