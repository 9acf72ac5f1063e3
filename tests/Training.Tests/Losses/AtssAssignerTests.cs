using Serve.Training.Boxes;
using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

public sealed class AtssAssignerTests
{
    private static readonly (int Stride, long Height, long Width)[] Levels = [(8, 12, 16), (16, 6, 8), (32, 3, 4), (64, 2, 2), (128, 1, 1)];
    private static readonly long[] PerLevel = [.. Levels.Select(level => level.Height * level.Width)];

    [Fact]
    public void Assignment_is_that_of_loops()
    {
        using var scope = NewDisposeScope();
        var random = new Random(4);
        DetectionTargets[] targets = [Objects(random, 6), Objects(random, 1), Objects(random, 0), Objects(random, 12)];
        var anchors = Anchors();

        var matches = AtssAssigner.Assign(anchors, PerLevel, PaddedTargets.Of(targets, 96, 128, CPU), nearest: 9);

        var positives = 0;
        foreach (var (image, target) in targets.Index())
        {
            var wanted = Loops(Rows(anchors), Rows(target.Boxes), nearest: 9);
            Assert.Equal(wanted.Select(owner => owner < 0 ? 0 : 1), matches.Labels[image].to(int64).data<long>().Select(label => (int)label));
            foreach (var (anchor, owner) in wanted.Index().Where(entry => entry.Item >= 0))
                Assert.Equal(owner, matches.Owner[image, anchor].item<long>());
            positives += wanted.Count(owner => owner >= 0);
        }

        Assert.True(positives > 20, $"{positives}");
    }

    [Fact]
    public void Object_smaller_than_a_cell_without_a_centre_inside_has_no_anchor()
    {
        using var scope = NewDisposeScope();
        var targets = PaddedTargets.Of([Of(3, 3, 5, 5)], 96, 128, CPU);

        var matches = AtssAssigner.Assign(Anchors(), PerLevel, targets, nearest: 9);

        Assert.Equal(0, matches.Labels.sum().item<long>());
    }

    private static Tensor Anchors() => AnchorGrid.Of(new() { Sizes = [.. Levels.Select(level => new[] { 8.0 * level.Stride })], Ratios = [1] }, Levels, CPU);

    private static DetectionTargets Of(params float[] box) => new(tensor(box).view(-1, 4), zeros(box.Length / 4, dtype: int64), zeros(0, 4));

    private static DetectionTargets Objects(Random random, int count) => Of([.. Enumerable.Range(0, count).SelectMany(_ =>
    {
        var (x, y, width, height) = (random.NextSingle() * 90, random.NextSingle() * 60, 6 + random.NextSingle() * 80, 6 + random.NextSingle() * 60);
        return new[] { x, y, Math.Min(128, x + width), Math.Min(96, y + height) };
    })]);

    private static float[][] Rows(Tensor boxes) => [.. boxes.data<float>().Chunk(4)];

    // Algorithm 1 of the paper, object by object.
    private static int[] Loops(float[][] anchors, float[][] objects, int nearest)
    {
        var (owner, overlap) = (Enumerable.Repeat(-1, anchors.Length).ToArray(), new double[anchors.Length]);
        foreach (var (index, box) in objects.Index())
        {
            var (candidates, first) = (new List<int>(), 0);
            foreach (var count in PerLevel)
            {
                candidates.AddRange(Enumerable.Range(first, (int)count).OrderBy(i => Math.Pow(X(anchors[i]) - X(box), 2) + Math.Pow(Y(anchors[i]) - Y(box), 2)).Take(nearest));
                first += (int)count;
            }

            var ious = candidates.ConvertAll(i => Iou(anchors[i], box));
            var mean = ious.Average();
            var threshold = mean + Math.Sqrt(ious.Sum(iou => (iou - mean) * (iou - mean)) / (ious.Count - 1));
            foreach (var (i, iou) in candidates.Zip(ious))
            {
                var inside = new[] { X(anchors[i]) - box[0], Y(anchors[i]) - box[1], box[2] - X(anchors[i]), box[3] - Y(anchors[i]) }.Min() > 0.01;
                if (iou >= threshold && inside && (owner[i] < 0 || iou > overlap[i]))
                    (owner[i], overlap[i]) = (index, iou);
            }
        }

        return owner;
    }

    private static float X(float[] box) => (box[0] + box[2]) / 2;

    private static float Y(float[] box) => (box[1] + box[3]) / 2;

    private static double Iou(float[] a, float[] b)
    {
        var intersection = (double)Math.Max(0, Math.Min(a[2], b[2]) - Math.Max(a[0], b[0])) * Math.Max(0, Math.Min(a[3], b[3]) - Math.Max(a[1], b[1]));
        return intersection / ((a[2] - a[0]) * (double)(a[3] - a[1]) + (b[2] - b[0]) * (double)(b[3] - b[1]) - intersection);
    }
}
