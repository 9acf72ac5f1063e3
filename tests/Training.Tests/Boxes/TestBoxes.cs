using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Boxes;

/// <summary>Boxes for tests, and their slow arithmetic.</summary>
internal static class TestBoxes
{
    /// <summary>[N, 4].</summary>
    public static Tensor Of(params float[][] boxes) => tensor(boxes.SelectMany(box => box).ToArray(), [boxes.Length, 4]);

    /// <summary>[images, count, 4] within 100 pixels.</summary>
    public static Tensor Random(Generator generator, int images, int count)
    {
        var corners = rand([images, count, 2], generator: generator) * 60;
        return cat([corners, corners + rand([images, count, 2], generator: generator) * 36 + 4], 2);
    }

    /// <summary>Targets of a batch, an entry an image.</summary>
    public static PaddedTargets Targets(params float[][][] images)
        => PaddedTargets.Of([.. images.Select(boxes => new DetectionTargets(Of(boxes), zeros(boxes.Length, dtype: int64), zeros(0, 4)))], 100, 100, CPU);

    public static float[][] Rows(Tensor boxes) => [.. boxes.contiguous().data<float>().ToArray().Chunk(4)];

    public static double Area(float[] box) => (double)(box[2] - box[0]) * (box[3] - box[1]);

    public static double Intersection(float[] a, float[] b)
        => Math.Max(0.0, Math.Min(a[2], b[2]) - Math.Max(a[0], b[0])) * Math.Max(0.0, Math.Min(a[3], b[3]) - Math.Max(a[1], b[1]));

    public static double Iou(float[] a, float[] b) => Intersection(a, b) / (Area(a) + Area(b) - Intersection(a, b));
}
