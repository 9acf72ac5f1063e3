using Serve.Training.Models.Fcos;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Fcos;

public sealed class FcosDecoderTests
{
    private const int Categories = 3;
    private static readonly FcosOptions Options = new() { CategoryCount = Categories };

    [Fact]
    public void One_confident_cell_gives_one_box_around_its_centre()
    {
        using var scope = NewDisposeScope();
        var level = Quiet(stride: 8, height: 4, width: 5);
        Set(level.ClassLogits, 0, 2, 1, 3, Logit(0.81));
        Set(level.Centerness, 0, 0, 1, 3, Logit(0.25));
        foreach (var (side, distance) in new[] { 1f, 1.5f, 0.5f, 9f }.Index())
            Set(level.Distances, 0, side, 1, 3, distance);

        var output = FcosDecoder.Decode(new TracedTensor(zeros(1, 3, 32, 40)), [level], Options);

        // Centre (3 * 8 + 4, 1 * 8 + 4) = (28, 12); the bottom would be at 84 and is clipped at 32.
        Assert.Equal([100, 4], output.Boxes.Value[0].shape);
        Assert.Equal([20f, 0f, 32f, 32f], output.Boxes.Value[0, 0].data<float>().ToArray());
        Assert.Equal(Math.Sqrt(0.81 * 0.25), output.Scores.Value[0, 0].item<float>(), 1e-6);
        Assert.Equal(2, output.Labels.Value[0, 0].item<long>());
        Assert.All(output.Labels.Value[0, 1..].data<long>().ToArray(), label => Assert.Equal(-1, label));
        Assert.All(output.Scores.Value[0, 1..].data<float>().ToArray(), score => Assert.Equal(0, score));
        Assert.All(output.Boxes.Value[0, 1..].reshape(-1).data<float>().ToArray(), corner => Assert.Equal(0, corner));
    }

    [Theory]
    [InlineData(0.051, 0.01, 1)]
    [InlineData(0.049, 0.99, 0)]
    public void Candidates_are_chosen_by_the_class_probability_alone(double probability, double centerness, int detections)
    {
        using var scope = NewDisposeScope();
        var level = Quiet(stride: 8, height: 2, width: 2);
        Set(level.ClassLogits, 0, 0, 0, 0, Logit(probability));
        Set(level.Centerness, 0, 0, 0, 0, Logit(centerness));

        var output = FcosDecoder.Decode(new TracedTensor(zeros(1, 3, 16, 16)), [level], Options);

        Assert.Equal(detections, output.Scores.Value.gt(0).sum().item<long>());
    }

    [Fact]
    public void Suppression_does_not_mix_classes_or_images()
    {
        using var scope = NewDisposeScope();
        var level = Quiet(stride: 8, height: 2, width: 2, images: 2);
        Set(level.ClassLogits, 0, 0, 0, 0, Logit(0.9));
        Set(level.ClassLogits, 0, 1, 0, 0, Logit(0.8));
        Set(level.ClassLogits, 1, 0, 0, 0, Logit(0.7));

        var output = FcosDecoder.Decode(new TracedTensor(zeros(2, 3, 16, 16)), [level], Options);

        Assert.Equal([0L, 1, -1], output.Labels.Value[0, ..3].data<long>().ToArray());
        Assert.Equal([0L, -1, -1], output.Labels.Value[1, ..3].data<long>().ToArray());
    }

    [Theory]
    [InlineData(1000, 100)]
    [InlineData(20, 100)]
    [InlineData(1000, 7)]
    public void Detections_are_those_of_a_plain_loop(int perLevel, int maxDetections)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var options = Options with { CandidatesPerLevel = perLevel, MaxDetections = maxDetections };
        List<FcosLevel> levels = [Noisy(generator, 8, 8, 10), Noisy(generator, 16, 4, 5), Noisy(generator, 32, 2, 3)];

        var output = FcosDecoder.Decode(new TracedTensor(zeros(2, 3, 64, 80)), levels, options);

        for (var image = 0; image < 2; image++)
        {
            var expected = PlainLoop(levels, image, options, width: 80, height: 64);
            Assert.True(expected.Count > 5);
            Assert.Equal(expected.Count, output.Scores.Value[image].gt(0).sum().item<long>());
            foreach (var (row, (score, label, box)) in expected.Index())
            {
                Assert.Equal(score, output.Scores.Value[image, row].item<float>(), 1e-6);
                Assert.Equal(label, output.Labels.Value[image, row].item<long>());
                Assert.All(box.Zip(output.Boxes.Value[image, row].data<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
            }
        }
    }

    private static List<(double Score, int Label, double[] Box)> PlainLoop(IEnumerable<FcosLevel> levels, int image, FcosOptions options, int width, int height)
    {
        var candidates = new List<(double Score, int Label, double[] Box)>();
        foreach (var level in levels)
        {
            var ofLevel = new List<(double Score, int Label, double[] Box)>();
            for (var i = 0; i < level.ClassLogits.Value.shape[2]; i++)
            {
                for (var j = 0; j < level.ClassLogits.Value.shape[3]; j++)
                {
                    double x = j * level.Stride + level.Stride / 2, y = i * level.Stride + level.Stride / 2;
                    double[] box =
                    [
                        Math.Clamp(x - level.Stride * Get(level.Distances, image, 0, i, j), 0, width),
                        Math.Clamp(y - level.Stride * Get(level.Distances, image, 1, i, j), 0, height),
                        Math.Clamp(x + level.Stride * Get(level.Distances, image, 2, i, j), 0, width),
                        Math.Clamp(y + level.Stride * Get(level.Distances, image, 3, i, j), 0, height),
                    ];
                    for (var k = 0; k < Categories; k++)
                    {
                        var p = Sigmoid(Get(level.ClassLogits, image, k, i, j));
                        if (p > options.ScoreThreshold)
                            ofLevel.Add((Math.Sqrt(p * Sigmoid(Get(level.Centerness, image, 0, i, j))), k, box));
                    }
                }
            }

            candidates.AddRange(ofLevel.OrderByDescending(candidate => candidate.Score).Take(options.CandidatesPerLevel));
        }

        var kept = new List<(double Score, int Label, double[] Box)>();
        foreach (var candidate in candidates.OrderByDescending(candidate => candidate.Score))
        {
            if (!kept.Any(other => other.Label == candidate.Label && Iou(other.Box, candidate.Box) > options.NmsIouThreshold))
                kept.Add(candidate);
        }

        return [.. kept.Take(options.MaxDetections)];
    }

    private static double Iou(double[] a, double[] b)
    {
        var intersection = Math.Max(0, Math.Min(a[2], b[2]) - Math.Max(a[0], b[0])) * Math.Max(0, Math.Min(a[3], b[3]) - Math.Max(a[1], b[1]));
        return intersection / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - intersection);
    }

    private static FcosLevel Quiet(int stride, int height, int width, int images = 1) => new(
        stride,
        new TracedTensor(full(images, Categories, height, width, -20f)),
        new TracedTensor(ones(images, 4, height, width)),
        new TracedTensor(zeros(images, 1, height, width)));

    private static FcosLevel Noisy(Generator generator, int stride, int height, int width) => new(
        stride,
        new TracedTensor(randn([2, Categories, height, width], generator: generator) * 2 - 2),
        new TracedTensor(rand([2, 4, height, width], generator: generator) * 3 + 0.1),
        new TracedTensor(randn([2, 1, height, width], generator: generator)));

    private static void Set(TracedTensor map, long image, long channel, long i, long j, double value) => map.Value[image, channel, i, j] = (float)value;

    private static double Get(TracedTensor map, long image, long channel, long i, long j) => map.Value[image, channel, i, j].item<float>();

    private static double Logit(double probability) => Math.Log(probability / (1 - probability));

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
