using Serve.Training.Boxes;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

public sealed class ProposalLossTests
{
    private const int Wanted = 8;

    [Fact]
    public void Both_parts_are_those_of_plain_loops()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2);
        var anchors = TestBoxes.Random(generator, 1, 30)[0];
        float[][][] truths = [[[10, 10, 50, 60]], [[0, 0, 20, 20], [30, 30, 90, 80]]];
        var targets = TestBoxes.Targets(truths);
        var (logits, deltas) = (randn([2, 30], generator: generator), randn([2, 30, 4], generator: generator));
        var matches = new AnchorMatcher(0.5, 0.3, lowQuality: true).Match(anchors, targets);
        var rows = new RandomSampler(Wanted, 0.5).Sample(matches.Labels, seed: 1);

        var (objectness, box) = ProposalLoss.Compute(logits, deltas, anchors, targets, matches, rows, Wanted, beta: 0.5);

        var (entropy, regression) = (0.0, 0.0);
        for (var image = 0; image < 2; image++)
        {
            for (var place = 0; place < Wanted; place++)
            {
                if (!rows.Valid[image, place].item<bool>())
                    continue;
                var row = (int)rows.Index[image, place].item<long>();
                double x = logits[image, row].item<float>();
                var positive = matches.Labels[image, row].item<sbyte>() == 1;
                entropy += Math.Log(1 + Math.Exp(positive ? -x : x));
                if (!positive)
                    continue;
                var truth = truths[image][matches.Owner[image, row].item<long>()];
                var sought = new BoxCoder(1, 1, 1, 1).Encode(anchors[row], TestBoxes.Of(truth)[0]).data<float>().ToArray();
                for (var side = 0; side < 4; side++)
                {
                    var difference = Math.Abs(deltas[image, row, side].item<float>() - sought[side]);
                    regression += difference < 0.5 ? difference * difference : difference - 0.25;
                }
            }
        }

        Assert.True(regression > 0);
        Assert.Equal(entropy / (Wanted * 2), objectness.item<float>(), 1e-5);
        Assert.Equal(regression / (Wanted * 2), box.item<float>(), 1e-5);
    }

    [Fact]
    public void Divisor_is_constant_where_few_anchors_can_be_drawn()
    {
        using var scope = NewDisposeScope();
        var (anchors, targets) = (TestBoxes.Of([0, 0, 10, 10]), TestBoxes.Targets([[50, 50, 90, 90]]));
        var matches = new AnchorMatcher(0.7, 0.3, lowQuality: true).Match(anchors, targets);
        var rows = new RandomSampler(256, 0.5).Sample(matches.Labels, seed: 1);

        var (objectness, box) = ProposalLoss.Compute(zeros(1, 1), zeros(1, 1, 4), anchors, targets, matches, rows, 256, beta: 0);

        Assert.Equal(Math.Log(2) / 256, objectness.item<float>(), 1e-7);
        Assert.Equal(0, box.item<float>());
    }

    [Fact]
    public void Gradient_is_finite_and_defined_for_images_without_objects()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2);
        var (anchors, targets) = (TestBoxes.Random(generator, 1, 30)[0], TestBoxes.Targets([], []));
        var (logits, deltas) = (zeros(2, 30).requires_grad_(true), zeros(2, 30, 4).requires_grad_(true));
        var matches = new AnchorMatcher(0.7, 0.3, lowQuality: true).Match(anchors, targets);

        var (objectness, box) = ProposalLoss.Compute(logits, deltas, anchors, targets, matches, new RandomSampler(8, 0.5).Sample(matches.Labels, 1), 8, beta: 0);
        (objectness + box).backward();

        Assert.Equal(Math.Log(2), objectness.item<float>(), 1e-6);
        Assert.Equal(16, logits.grad!.ne(0).sum().item<long>());
        Assert.Equal(0, deltas.grad!.abs().sum().item<float>());
    }
}
