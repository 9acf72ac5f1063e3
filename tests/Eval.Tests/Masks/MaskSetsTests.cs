using CsCheck;
using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Masks;

public class MaskSetsTests
{
    [Fact]
    public void Union_and_intersection_are_those_of_the_pixels()
        => RandomMasks.Pair(shortest: 1).Sample((first, second) =>
        {
            var (a, b) = (NaiveMask.Of(first).Pixels, NaiveMask.Of(second).Pixels);
            return NaiveMask.Of(Join(first, second, intersect: false)).Pixels.SequenceEqual(a.Zip(b).Select(p => p.First || p.Second))
                && NaiveMask.Of(Join(first, second, intersect: true)).Pixels.SequenceEqual(a.Zip(b).Select(p => p.First && p.Second));
        }, iter: 300);

    [Fact]
    public void Overlap_is_that_of_the_pixels()
        => Gen.Select(RandomMasks.Pair(shortest: 1), Gen.Bool).Sample((pair, isCrowd)
            => MaskSets.Iou(pair.First, pair.Second, isCrowd) == NaiveMask.Of(pair.First).Iou(NaiveMask.Of(pair.Second), isCrowd), iter: 300);

    [Fact]
    public void Masks_of_different_sizes_have_nothing_together()
    {
        var joined = Join(TestMasks.Of([0, 12], 3, 4), TestMasks.Of([0, 12], 4, 3), intersect: false);

        Assert.Equal((0, 0, 0), (joined.Height, joined.Width, joined.Count));
    }

    [Fact]
    public void The_overlap_of_masks_of_different_sizes_is_minus_one_where_their_boxes_overlap()
    {
        Assert.Equal(-1, MaskSets.Iou(TestMasks.Of([0, 12], 3, 4), TestMasks.Of([0, 12], 4, 3), isCrowd: false));
        Assert.Equal(0, MaskSets.Iou(TestMasks.Of([0, 1, 11], 3, 4), TestMasks.Of([11, 1], 4, 3), isCrowd: false));
    }

    [Fact]
    public void The_walk_ends_where_both_masks_have_a_run_without_pixels_as_in_the_reference()
    {
        var (first, second) = (TestMasks.Of([2, 2, 0, 0, 8], 3, 4), TestMasks.Of([2, 2, 0, 0, 1, 7], 3, 4));

        Assert.Equal([2u, 2u], Join(first, second, intersect: false).ToCounts());
        Assert.Equal(1, MaskSets.Iou(first, second, isCrowd: false));
    }

    [Fact]
    public void Runs_that_end_early_leave_the_rest_outside()
    {
        var (early, late) = (TestMasks.Of([1, 3], 3, 4), TestMasks.Of([2, 10], 3, 4));

        Assert.Equal([2u, 2u, 8u], Join(early, late, intersect: true).ToCounts());
        Assert.Equal([1u, 11u], Join(late, early, intersect: false).ToCounts());
        Assert.Equal(2.0 / 11, MaskSets.Iou(early, late, isCrowd: false));
        Assert.Equal(0, MaskSets.Iou(TestMasks.Of([], 3, 4), late, isCrowd: false));
        Assert.Equal([2u, 10u], Join(TestMasks.Of([], 3, 4), late, intersect: false).ToCounts());
    }

    private static RunLengths Join(RunLengths first, RunLengths second, bool intersect)
    {
        var joined = new RunLengths();
        MaskSets.Join(first, second, intersect, joined);
        return joined;
    }
}
