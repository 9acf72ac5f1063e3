using Serve.Training.Boxes;
using Serve.Training.Models.Rcnn;
using Serve.Training.Tests.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Rcnn;

public sealed class BoxDecodingTests
{
    private const int Categories = 3;

    [Theory]
    [InlineData(100, 3)]
    [InlineData(7, 3)]
    [InlineData(100, 1)]
    public void Detections_are_those_of_a_plain_loop(int maxDetections, int regressions)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var options = new RcnnOptions { CategoryCount = Categories, MaxDetections = maxDetections };
        var (boxes, scores) = (Boxes(generator, 2, 30, regressions), Scores(generator, 2, 30));
        var limits = tensor(new float[] { 90, 70, 90, 70, 60, 99, 60, 99 }, [2, 1, 4]);

        var output = BoxDecoding.Detect(new(boxes), new(scores), new(limits), options, default);

        Assert.Equal([2, maxDetections, 4], output.Boxes.Value.shape);
        for (var image = 0; image < 2; image++)
        {
            var expected = PlainLoop(boxes[image], scores[image], limits[image, 0].data<float>().ToArray(), options);
            Assert.True(expected.Count > 5);
            Assert.Equal(expected.Count, output.Scores.Value[image].gt(0).sum().item<long>());
            foreach (var (row, (score, label, box)) in expected.Index())
            {
                Assert.Equal(score, output.Scores.Value[image, row].item<float>());
                Assert.Equal(label, output.Labels.Value[image, row].item<long>());
                Assert.Equal(box, output.Boxes.Value[image, row].data<float>().ToArray());
            }

            Assert.True(output.Labels.Value[image, expected.Count..].eq(-1).all().item<bool>());
            Assert.True(output.Boxes.Value[image, expected.Count..].eq(0).all().item<bool>());
        }
    }

    [Theory]
    [InlineData(Categories)]
    [InlineData(1)]
    public void Detections_are_the_same_in_onnx(int regressions)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var options = new RcnnOptions { CategoryCount = Categories, MaxDetections = 20 };

        OnnxParity.Check(
            x =>
            {
                var output = BoxDecoding.Detect(x[0], x[1], x[2], options, default);
                return [output.Boxes, output.Scores, output.Labels];
            },
            [
                [Boxes(generator, 1, 30, regressions), Scores(generator, 1, 30), full(1, 1, 4, 80f)],
                [Boxes(generator, 3, 12, regressions), Scores(generator, 3, 12), full(3, 1, 4, 60f)],
                [Boxes(generator, 3, 1, regressions), zeros(3, 1, Categories), full(3, 1, 4, 60f)],
            ]);
    }

    private static List<(float Score, int Label, float[] Box)> PlainLoop(Tensor boxes, Tensor scores, float[] limits, RcnnOptions options)
    {
        var all = new List<(float Score, int Label, float[] Box)>();
        for (var label = 0; label < Categories; label++)
        {
            var kept = new List<(float Score, int Label, float[] Box)>();
            var ofClass = scores.select(1, label).contiguous().data<float>().ToArray();
            foreach (var row in Enumerable.Range(0, ofClass.Length).Where(row => ofClass[row] > options.ScoreThreshold).OrderByDescending(row => ofClass[row]))
            {
                var box = TestBoxes.Rows(boxes[row, boxes.shape[1] == 1 ? 0 : label])[0];
                box = [.. box.Zip(limits, (value, limit) => Math.Clamp(value, 0, limit))];
                if (!kept.Any(other => TestBoxes.Iou(other.Box, box) > options.NmsIouThreshold))
                    kept.Add((ofClass[row], label, box));
            }

            all.AddRange(kept);
        }

        return [.. all.OrderByDescending(detection => detection.Score).Take(options.MaxDetections)];
    }

    private static Tensor Boxes(Generator generator, int images, int rows, int regressions)
        => TestBoxes.Random(generator, images, rows * regressions).view(images, rows, regressions, 4);

    // The last two rows are no proposals.
    private static Tensor Scores(Generator generator, int images, int rows)
        => cat([rand([images, rows - 2, Categories], generator: generator) * 0.3, zeros(images, 2, Categories)], 1);
}
