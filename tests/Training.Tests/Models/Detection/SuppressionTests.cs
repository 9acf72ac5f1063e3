using Serve.Training.Models.Detection;
using Serve.Training.Tests.Tracing;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Detection;

/// <summary>From the boxes and scores of each row and class to the rows that a detector puts out.</summary>
public sealed class SuppressionTests : IDisposable
{
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();
    private readonly Generator generator = new(11);

    public void Dispose()
    {
        scope.Dispose();
        generator.Dispose();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void Detections_are_the_same_in_the_export(int boxesOfRow)
        => OnnxParity.Check(
            x => Detect(x[0], x[1], 0.5f),
            [
                [Boxes(1, 40, boxesOfRow), Scores(1, 40, 3)],
                [Boxes(3, 60, boxesOfRow), Scores(3, 60, 3)],
                [Boxes(3, 60, boxesOfRow), (Scores(3, 60, 3) * 4).round() / 4],
                [Boxes(3, 60, boxesOfRow), zeros(3, 60, 3)],
                [Boxes(3, 1, boxesOfRow), Scores(3, 1, 3)],
            ],
            0);

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void Each_class_is_suppressed_by_itself_and_the_best_of_all_stay(int boxesOfRow)
    {
        var (boxes, scores) = (Boxes(2, 50, boxesOfRow), Scores(2, 50, 3));

        var detections = Detect(new TracedTensor(boxes), new TracedTensor(scores), 0.5f);

        for (var image = 0; image < 2; image++)
        {
            var expected = Naive(boxes[image], scores[image], 0.5f).OrderByDescending(one => one.Score).Take(20).ToList();
            for (var row = 0; row < 20; row++)
            {
                var found = row < expected.Count;
                Assert.Equal(found ? expected[row].Score : 0, detections[1].Value[image, row].item<float>());
                Assert.Equal(found ? expected[row].Label : -1, detections[2].Value[image, row].item<long>());
                Assert.Equal(found ? expected[row].Box : [0, 0, 0, 0], detections[0].Value[image, row].data<float>().ToArray());
            }
        }
    }

    [Fact]
    public void Places_are_those_that_count_and_the_first_of_each_image()
    {
        var counts = tensor(new[] { false, true, false, true, false, false }).view(2, 3);

        var places = Places.Of(new TracedTensor(counts));

        Assert.Equal([0, 0, 0, 1, 1, 0], places.Value.data<long>().ToArray());
        OnnxParity.Check(
            x => Places.Of(x.GreaterThan(x.Like(0))), [rand([1, 9], generator: generator) - 0.5, rand([3, 5], generator: generator) - 0.5, zeros(3, 5)], 0);
    }

    private static TracedTensor[] Detect(TracedTensor boxes, TracedTensor scores, float threshold)
    {
        var (candidates, kept, labels) = ClassSuppression.Apply(boxes, scores, threshold, maxPerClass: 20);
        var best = BestOfImage.Take(candidates, kept, labels, count: 20);
        return [best.Boxes, best.Scores, best.Labels];
    }

    private static IEnumerable<(float Score, long Label, float[] Box)> Naive(Tensor boxes, Tensor scores, float threshold)
    {
        for (var label = 0; label < scores.shape[1]; label++)
        {
            var candidates = Enumerable.Range(0, (int)scores.shape[0])
                .Select(row => (Score: scores[row, label].item<float>(), Label: (long)label, Box: boxes[row, Math.Min(label, boxes.shape[1] - 1)].data<float>().ToArray()))
                .Where(one => one.Score > 0).OrderByDescending(one => one.Score).ToList();
            var kept = new List<(float Score, long Label, float[] Box)>();
            foreach (var one in candidates)
            {
                if (kept.All(other => Iou(one.Box, other.Box) <= threshold))
                    kept.Add(one);
            }

            foreach (var one in kept.Take(20))
                yield return one;
        }
    }

    private static double Iou(float[] a, float[] b)
    {
        var width = Math.Max(0, Math.Min(a[2], b[2]) - Math.Max(a[0], b[0]));
        var height = Math.Max(0, Math.Min(a[3], b[3]) - Math.Max(a[1], b[1]));
        return width * height / (Area(a) + Area(b) - width * height);

        static double Area(float[] box) => (box[2] - box[0]) * (box[3] - box[1]);
    }

    // A third of the scores are 0: no candidates.
    private Tensor Scores(long images, long rows, long classes) => (rand([images, rows, classes], generator: generator) * 1.5 - 0.5).clamp(min: 0);

    private Tensor Boxes(long images, long rows, long classes)
    {
        var corners = rand([images, rows, classes, 2], generator: generator) * 20;
        return cat([corners, corners + 1 + rand([images, rows, classes, 2], generator: generator) * 12], 3);
    }
}
