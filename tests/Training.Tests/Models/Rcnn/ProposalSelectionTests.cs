using Serve.Training.Boxes;
using Serve.Training.Models.Rcnn;
using Serve.Training.Tests.Tracing;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Rcnn;

public sealed class ProposalSelectionTests
{
    [Theory]
    [InlineData(1000, 1000)]
    [InlineData(20, 1000)]
    [InlineData(1000, 12)]
    public void Proposals_are_those_of_a_plain_loop(int perLevel, int perImage)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        ProposalLevel[] levels = [Noisy(generator, 60), Noisy(generator, 25)];
        var limits = tensor(new float[] { 90, 70, 90, 70, 60, 99, 60, 99 }, [2, 1, 4]);

        var (boxes, logits) = ProposalSelection.Best(levels, new TracedTensor(limits), perLevel, perImage, nmsIou: 0.5);

        var valid = ProposalSelection.IsProposal(logits).Value;
        for (var image = 0; image < 2; image++)
        {
            var expected = PlainLoop(levels, image, limits[image, 0].data<float>().ToArray(), perLevel, perImage);
            Assert.True(expected.Count > 5);
            Assert.Equal(expected.Count, valid[image].sum().item<long>());
            foreach (var (row, (logit, box)) in expected.Index())
            {
                Assert.Equal(logit, logits.Value[image, row].item<float>());
                Assert.All(box.Zip(boxes.Value[image, row].data<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
            }
        }
    }

    [Fact]
    public void Proposals_are_the_same_in_onnx()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);

        OnnxParity.Check(
            x =>
            {
                var (boxes, logits) = ProposalSelection.Best([new(x[0], x[1], x[2]), new(x[3], x[4], x[5])], x[6], perLevel: 20, perImage: 30, nmsIou: 0.5);
                return [boxes, logits];
            },
            [
                [.. Inputs(1, 40), .. Inputs(1, 15), full(1, 1, 4, 90f)],
                [.. Inputs(3, 15), .. Inputs(3, 6), full(3, 1, 4, 70f)],
                // All of it lies beyond the limits: no proposal at all.
                [.. Inputs(1, 40), .. Inputs(1, 15), zeros(1, 1, 4)],
            ],
            1e-3);

        Tensor[] Inputs(int images, int count)
        {
            var level = Noisy(generator, count, images);
            return [level.Anchors.Value, level.Logits.Value, level.Deltas.Value];
        }
    }

    private static List<(float Logit, float[] Box)> PlainLoop(ProposalLevel[] levels, int image, float[] limits, int perLevel, int perImage)
    {
        var all = new List<(float Logit, float[] Box)>();
        foreach (var level in levels)
        {
            var logits = level.Logits.Value[image].data<float>().ToArray();
            var kept = new List<(float Logit, float[] Box)>();
            foreach (var row in logits.Index().OrderByDescending(pair => pair.Item).Take(perLevel).Select(pair => pair.Index))
            {
                var box = TestBoxes.Rows(new BoxCoder(1, 1, 1, 1).Decode(level.Deltas.Value[image, row], level.Anchors.Value[row]))[0];
                box = [.. box.Zip(limits, (value, limit) => Math.Clamp(value, 0, limit))];
                if (box[2] > box[0] && box[3] > box[1] && !kept.Any(other => TestBoxes.Iou(other.Box, box) > 0.5))
                    kept.Add((logits[row], box));
            }

            all.AddRange(kept.Take(perImage));
        }

        return [.. all.OrderByDescending(proposal => proposal.Logit).Take(perImage)];
    }

    private static ProposalLevel Noisy(Generator generator, int count, int images = 2) => new(
        new TracedTensor(TestBoxes.Random(generator, 1, count)[0]),
        new TracedTensor(randn([images, count], generator: generator) * 3),
        new TracedTensor(randn([images, count, 4], generator: generator) * 0.4));
}
