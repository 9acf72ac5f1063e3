using Serve.Training.Data;
using Serve.Training.Models.Fcos;
using Serve.Training.Tracing;
using TorchSharp;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

public sealed class FcosLossTests
{
    private const int Categories = 3;

    [Fact]
    public void Losses_equal_sums_written_out_as_loops()
    {
        using var scope = NewDisposeScope();
        var (levels, _) = RandomLevels(seed: 3);
        var targets = new[] { Target([4, 6, 36, 30, 20, 2, 60, 58], [2, 0], [40, 40, 64, 64]), Target([], [], []) };

        var losses = FcosLoss.Compute(levels, targets);

        var (classification, box, centerness) = Loops(levels, targets);
        Assert.Equal(classification, losses.Parts["classification"].item<float>(), 1e-5);
        Assert.Equal(box, losses.Parts["box"].item<float>(), 1e-5);
        Assert.Equal(centerness, losses.Parts["centerness"].item<float>(), 1e-5);
        Assert.Equal(classification + box + centerness, losses.Total.item<float>(), 1e-5);
    }

    [Fact]
    public void Gradient_equals_finite_differences()
    {
        using var scope = NewDisposeScope();
        var (levels, leaves) = RandomLevels(seed: 4);
        var targets = new[] { Target([4, 6, 36, 30, 20, 2, 60, 58], [2, 0], [40, 40, 64, 64]), Target([10, 10, 30, 34], [1], []) };

        FcosLoss.Compute(levels, targets).Total.backward();

        var random = new Random(5);
        foreach (var leaf in leaves)
        {
            var gradient = leaf.grad!.flatten();
            foreach (var index in Enumerable.Range(0, 12).Select(_ => random.Next((int)leaf.numel())))
            {
                const float Step = 5e-3f;
                var numeric = (LossWith(leaf, index, Step) - LossWith(leaf, index, -Step)) / (2 * Step);
                Assert.Equal(numeric, gradient[index].item<float>(), 4e-3);
            }
        }

        double LossWith(Tensor leaf, int index, float change)
        {
            using var inner = NewDisposeScope();
            using var noGradient = no_grad();
            var cell = leaf.view(-1)[index];
            cell.add_(change);
            var loss = FcosLoss.Compute(levels, targets).Total.item<float>();
            cell.sub_(change);
            return loss;
        }
    }

    [Fact]
    public void Images_without_objects_give_zero_box_losses_and_a_defined_gradient()
    {
        using var scope = NewDisposeScope();
        var (levels, leaves) = RandomLevels(seed: 6);

        var losses = FcosLoss.Compute(levels, [Target([], [], []), Target([], [], [])]);
        losses.Total.backward();

        Assert.Equal(0, losses.Parts["box"].item<float>());
        Assert.Equal(0, losses.Parts["centerness"].item<float>());
        Assert.True(losses.Parts["classification"].item<float>() > 0);
        Assert.All(leaves, leaf => Assert.True(isfinite(leaf.grad!).all().item<bool>()));
        Assert.Equal(0, leaves[1].grad!.abs().sum().item<float>());
    }

    [Fact]
    public void Cells_in_a_crowd_region_do_not_count_as_background()
    {
        using var scope = NewDisposeScope();
        var (levels, leaves) = RandomLevels(seed: 7);

        FcosLoss.Compute(levels, [Target([], [], [0, 0, 64, 64]), Target([], [], [])]).Total.backward();

        Assert.Equal(0, leaves[0].grad![0].abs().sum().item<float>());
        Assert.True(leaves[0].grad![1].abs().sum().item<float>() > 0);
    }

    [Fact]
    public void Box_of_zero_size_is_no_object()
    {
        using var scope = NewDisposeScope();
        var (levels, _) = RandomLevels(seed: 8);

        var losses = FcosLoss.Compute(levels, [Target([12, 12, 12, 12], [0], []), Target([], [], [])]);

        Assert.Equal(0, losses.Parts["box"].item<float>());
    }

    [Theory]
    [InlineData(1, 1, 1, 1, 2, 2, 2, 2, 1 - ((4.0 + 1) / (16 + 1)))]            // inside: hull = union
    [InlineData(2, 2, 2, 2, 2, 2, 2, 2, 0)]                                     // equal
    [InlineData(1, 2, 1, 2, 2, 1, 2, 1, 1 - ((4.0 + 1) / (12 + 1) - (16 - 12) / 16.0))]   // a cross: hull larger than union
    public void Giou_loss_is_computed_by_hand(float l, float t, float r, float b, float l2, float t2, float r2, float b2, double expected)
    {
        using var scope = NewDisposeScope();

        Assert.Equal(expected, FcosLoss.GiouLoss(tensor(new[] { l, t, r, b }), tensor(new[] { l2, t2, r2, b2 })).item<float>(), 1e-6);
    }

    [Fact]
    public void Iou_loss_of_the_paper_counts_one_pixel_more_in_both_areas()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(1.22378, FcosLoss.IouLoss(tensor(new[] { 1f, 1, 1, 1 }), tensor(new[] { 2f, 2, 2, 2 })).item<float>(), 1e-5);
    }

    [Fact]
    public void Targets_for_another_number_of_images_are_refused()
    {
        using var scope = NewDisposeScope();
        var (levels, _) = RandomLevels(seed: 9);

        var fault = Assert.Throws<ArgumentException>(() => FcosLoss.Compute(levels, [Target([], [], [])]));

        Assert.StartsWith("targets: expected one entry for each of 2 images, got 1.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Four_scalars_and_nothing_else_stay_alive()
    {
        using var scope = NewDisposeScope();
        var (levels, _) = RandomLevels(seed: 10);
        var targets = new[] { Target([4, 6, 36, 30], [2], [40, 40, 64, 64]), Target([], [], []) };
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        FcosLoss.Compute(levels, targets);

        Assert.Equal(before + 4, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    /// <summary>Two levels of a 64 x 64 image, batch 2; leaves are the logits, distances and centre-ness of the first level.</summary>
    private static (FcosLevel[] Levels, Tensor[] Leaves) RandomLevels(int seed)
    {
        var generator = new Generator((ulong)seed);
        var leaves = new List<Tensor>();
        var levels = new[] { (Stride: 8, Side: 8), (Stride: 16, Side: 4) }.Select(level => new FcosLevel(
            level.Stride,
            Leaf(randn([2, Categories, level.Side, level.Side], generator: generator)),
            Leaf(rand([2, 4, level.Side, level.Side], generator: generator) * 3 + 0.2f),
            Leaf(randn([2, 1, level.Side, level.Side], generator: generator)))).ToArray();
        return (levels, [.. leaves.Take(3)]);

        TracedTensor Leaf(Tensor values)
        {
            var leaf = values.detach().requires_grad_();
            leaves.Add(leaf);
            return new(leaf);
        }
    }

    private static DetectionTargets Target(float[] boxes, long[] labels, float[] ignored)
        => new(tensor(boxes).view(-1, 4), tensor(labels), tensor(ignored).view(-1, 4));

    private static (double Classification, double Box, double Centerness) Loops(FcosLevel[] levels, DetectionTargets[] targets)
    {
        var grid = FcosLevelGrid.Create([.. levels.Select(l => new FcosLevelShape(l.Stride, l.ClassLogits.Value.shape[2], l.ClassLogits.Value.shape[3]))], CPU);
        var assigned = FcosTargets.Assign(grid, PaddedTargets.Of(targets, 64, 64, CPU));
        double classification = 0, box = 0, centerness = 0, weights = 0, positives = 0;
        for (var image = 0; image < targets.Length; image++)
        {
            var cell = 0;
            foreach (var level in levels)
            {
                for (var y = 0; y < level.ClassLogits.Value.shape[2]; y++)
                {
                    for (var x = 0; x < level.ClassLogits.Value.shape[3]; x++, cell++)
                    {
                        var positive = assigned.Positive[image, cell].item<bool>();
                        for (var k = 0; k < Categories && !assigned.Ignored[image, cell].item<bool>(); k++)
                        {
                            var p = Sigmoid(level.ClassLogits.Value[image, k, y, x].item<float>());
                            classification += positive && assigned.Labels[image, cell].item<long>() == k
                                ? -0.25 * Math.Pow(1 - p, 2) * Math.Log(p)
                                : -0.75 * Math.Pow(p, 2) * Math.Log(1 - p);
                        }

                        if (!positive)
                            continue;
                        positives++;
                        double weight = assigned.Centerness[image, cell].item<float>();
                        var c = Sigmoid(level.Centerness.Value[image, 0, y, x].item<float>());
                        centerness += -weight * Math.Log(c) - (1 - weight) * Math.Log(1 - c);
                        weights += weight;
                        box += weight * Giou(level.Distances.Value[image, .., y, x], assigned.Distances[image, cell]);
                    }
                }
            }
        }

        Assert.True(positives > 2, "The boxes must make cells positive.");
        return (classification / positives, box / weights, centerness / positives);
    }

    private static double Giou(Tensor predicted, Tensor target)
    {
        var p = predicted.contiguous().data<float>().ToArray();
        var t = target.contiguous().data<float>().ToArray();
        double Area(Func<int, double> side) => (side(0) + side(2)) * (side(1) + side(3));
        var intersection = Area(i => Math.Min(p[i], t[i]));
        var hull = Area(i => Math.Max(p[i], t[i]));
        var union = Area(i => p[i]) + Area(i => t[i]) - intersection;
        return 1 - ((intersection + 1) / (union + 1) - (hull - union) / hull);
    }

    private static double Sigmoid(double logit) => 1 / (1 + Math.Exp(-logit));
}
