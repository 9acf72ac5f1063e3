using static TorchSharp.torch;

namespace Serve.Training.Boxes;

public sealed class AnchorMatcherTests
{
    private static readonly AnchorMatcher Proposals = new(0.7, 0.3, lowQuality: true);

    // Boxes as high as the truth of 100 x 100 that are moved to the right: of IoU (100 - d) / (100 + d).
    [Fact]
    public void Best_box_of_a_truth_is_an_object_below_the_threshold_too()
    {
        using var scope = NewDisposeScope();

        var matches = Proposals.Match(Shifted(0.65, 0.2), TestBoxes.Targets([[0, 0, 100, 100]]));

        Assert.Equal([1, 0], Labels(matches));
        Assert.Equal(0.65, matches.Iou[0, 0].item<float>(), 1e-5);
    }

    [Fact]
    public void Box_between_the_thresholds_is_neither_when_another_is_better()
    {
        using var scope = NewDisposeScope();

        Assert.Equal([-1, 1], Labels(Proposals.Match(Shifted(0.5, 0.8), TestBoxes.Targets([[0, 0, 100, 100]]))));
    }

    [Fact]
    public void Without_the_rule_of_low_quality_only_the_threshold_counts()
    {
        using var scope = NewDisposeScope();

        Assert.Equal([0, 1], Labels(new AnchorMatcher(0.5, 0.5, lowQuality: false).Match(Shifted(0.4999, 0.5001), TestBoxes.Targets([[0, 0, 100, 100]]))));
    }

    [Fact]
    public void Image_without_truth_is_all_background()
    {
        using var scope = NewDisposeScope();

        var matches = Proposals.Match(Shifted(0.65, 0.2), TestBoxes.Targets([], [[0, 0, 100, 100]]));

        Assert.Equal([0, 0], Labels(matches));
        Assert.Equal(1, matches.Labels[1, 0].item<sbyte>());
        Assert.Equal(0, matches.Iou[0, 0].item<float>());
    }

    // More boxes than are compared at once, so that both ways are taken.
    [Theory]
    [InlineData(40, true)]
    [InlineData(40, false)]
    [InlineData(66_000, true)]
    public void Labels_and_owners_equal_plain_loops(int count, bool lowQuality)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(6);
        var truths = Enumerable.Range(0, 3).Select(i => TestBoxes.Rows(TestBoxes.Random(generator, 1, 1 + 2 * i)[0])).ToArray();
        var boxes = TestBoxes.Random(generator, 3, count);
        // A box of equal IoU with two truths, and two equal boxes.
        boxes[1, 0] = boxes[1, 1].clone();
        truths[2][1] = truths[2][0];

        var matches = new AnchorMatcher(0.6, 0.25, lowQuality).Match(boxes, TestBoxes.Targets(truths));

        for (var image = 0; image < 3; image++)
        {
            var rows = TestBoxes.Rows(boxes[image]);
            var (labels, owners) = (matches.Labels[image].data<sbyte>().ToArray(), matches.Owner[image].data<long>().ToArray());
            var iou = rows.Select(row => truths[image].Select(truth => TestBoxes.Iou(truth, row)).ToArray()).ToArray();
            var best = truths[image].Select((_, truth) => iou.Max(row => row[truth])).ToArray();
            for (var row = 0; row < rows.Length; row++)
            {
                var (largest, owner) = (iou[row].Max(), Array.IndexOf(iou[row], iou[row].Max()));
                if (Math.Abs(largest - 0.6) < 1e-5 || Math.Abs(largest - 0.25) < 1e-5)
                    continue;
                var isBest = lowQuality && iou[row].Index().Any(pair => pair.Item > 0 && pair.Item >= best[pair.Index] - 1e-7);
                Assert.Equal(isBest || largest >= 0.6 ? 1 : largest < 0.25 ? 0 : -1, labels[row]);
                if (labels[row] == 1)
                    Assert.Equal(owner, owners[row]);
            }
        }
    }

    [Fact]
    public void Three_tensors_stay_alive()
    {
        using var scope = NewDisposeScope();
        var (boxes, targets) = (Shifted(0.65, 0.2), TestBoxes.Targets([[0, 0, 100, 100]]));
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Proposals.Match(boxes, targets);

        Assert.Equal(before + 3, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Tensor Shifted(params double[] ious)
        => TestBoxes.Of([.. ious.Select(iou => (float)(100 * (1 - iou) / (1 + iou))).Select(shift => new float[] { shift, 0, 100 + shift, 100 })]);

    private static int[] Labels(AnchorMatches matches) => [.. matches.Labels[0].data<sbyte>().ToArray().Select(label => (int)label)];
}
