using System.Runtime.InteropServices;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;
using Serve.Inference.Detection;
using Serve.Inference.Drawing;
using Serve.Inference.Pictures;
using static TorchSharp.torch;

namespace Serve.Training.Data;

/// <summary>Draws the images of a batch as the detector gets them, with the boxes, masks and labels that it learns from.</summary>
public static class BatchPreview
{
    private static readonly Category Crowd = new(0, "crowd");

    /// <summary>The pictures of a batch, in its order.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="categories">Categories in label order.</param>
    /// <returns>A picture an image, as large as the batch's images, padding included. Crowd regions are labelled <c>crowd</c>.</returns>
    public static IReadOnlyList<Picture> Draw(TrainingBatch batch, IReadOnlyList<Category> categories)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(categories);
        var (height, width) = ((int)batch.Images.shape[2], (int)batch.Images.shape[3]);
        var values = Values<float>(batch.Images);
        return [.. batch.Targets.Select((target, i) => PictureDrawing.Draw(
            ToPicture(values.AsSpan(i * 3 * width * height, 3 * width * height), width, height), ToObjects(target, categories, width, height), scores: false))];
    }

    private static Picture ToPicture(ReadOnlySpan<float> planes, int width, int height)
    {
        var pixels = new byte[planes.Length];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)Math.Clamp(MathF.Round(planes[i % 3 * width * height + i / 3]), 0, 255);
        return new(width, height, pixels);
    }

    private static List<DetectedObject> ToObjects(DetectionTargets target, IReadOnlyList<Category> categories, int width, int height)
    {
        var labels = Values<long>(target.Labels);
        var masks = target.Masks is null ? null : ToRuns(target.Masks, width, height);
        var objects = Boxes(target.Boxes).Select((box, i) => new DetectedObject(categories[(int)labels[i]], 1, box) { Mask = masks?[i] });
        return [.. Boxes(target.IgnoreBoxes).Select(box => new DetectedObject(Crowd, 0, box)), .. objects];
    }

    private static IEnumerable<Box> Boxes(Tensor boxes) => Values<float>(boxes).Chunk(4).Select(c => new Box(c[0], c[1], c[2], c[3]));

    private static RunLengths[] ToRuns(InstanceMasks masks, int width, int height)
    {
        var (pixels, windows, starts) = (Values<byte>(masks.Pixels), Values<long>(masks.Windows), Values<long>(masks.Starts));
        return [.. starts.Select((start, i) =>
        {
            var (x, y, w, h) = ((int)windows[4 * i], (int)windows[4 * i + 1], (int)windows[4 * i + 2], (int)windows[4 * i + 3]);
            return ToRuns(new MaskWindow(x, y, w, h, pixels.AsSpan((int)start, w * h).ToArray()), width, height);
        })];
    }

    private static RunLengths ToRuns(MaskWindow mask, int width, int height)
    {
        var counts = new List<uint>();
        var counted = 0;
        for (var x = mask.X; x < mask.X + mask.Width; x++)
        {
            for (var y = mask.Y; y < mask.Y + mask.Height; y++)
            {
                if (!mask.Contains(x, y))
                    continue;
                var position = x * height + y;
                if (counted == position && counts.Count > 0)
                    counts[^1]++;
                else
                    counts.AddRange([(uint)(position - counted), 1]);
                counted = position + 1;
            }
        }

        var runs = new RunLengths();
        return runs.TrySet([.. counts], height, width) ? runs : throw new InvalidOperationException("A mask lies outside of its image.");
    }

    private static T[] Values<T>(Tensor tensor) where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.bytes).ToArray();
}
