using System.Runtime.InteropServices;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Pictures;
using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Data;

/// <summary>Small datasets in memory: pictures with one white rectangle on black.</summary>
internal static class TestScenes
{
    public static readonly IReadOnlyList<Category> Categories = [new(10, "thing"), new(7, "other")];

    public static Dataset Dataset(params IEnumerable<ImageEntry> images)
    {
        ImageEntry[] all = [.. images];
        return Dataset(all, [.. all.Select(i => Truth(i, new Box(i.Width * 0.25, i.Height * 0.25, i.Width * 0.75, i.Height * 0.5)))]);
    }

    public static Dataset Dataset(IReadOnlyList<ImageEntry> images, IReadOnlyList<GroundTruth> truths) => new(images, Categories, truths, "0");

    public static IEnumerable<ImageEntry> Images(int count, int width, int height) =>
        Enumerable.Range(0, count).Select(i => new ImageEntry(100 + i, $"{i}.png", width, height));

    public static GroundTruth Truth(ImageEntry image, Box box, long category = 7, bool crowd = false) =>
        new(image.Id * 10, image.Id, category, box.X1, box.Y1, box.Width, box.Height, box.Width * box.Height, crowd);

    /// <summary>A black picture with a white rectangle; the box must have whole corners.</summary>
    public static Picture Rectangle(int width, int height, Box box)
    {
        var pixels = new byte[width * height * 3];
        for (var y = (int)box.Y1; y < (int)box.Y2; y++) pixels.AsSpan((y * width + (int)box.X1) * 3, (int)box.Width * 3).Fill(255);
        return new(width, height, pixels);
    }

    /// <summary>A picture of colours that depend on the image's identifier and the pixel.</summary>
    public static Picture Noise(ImageEntry image)
    {
        var random = new SplitMix64(image.Id);
        var pixels = new byte[image.Width * image.Height * 3];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)random.NextInt(256);
        return new(image.Width, image.Height, pixels);
    }

    public static BatchLoader Loader(
        Dataset dataset, Augmentation options, int batchSize = 2, int workers = 2, long seed = 1, long cache = 1 << 20, Func<ImageEntry, Picture>? read = null) =>
        Loader(dataset, new BatchOptions { Augmentation = options, BatchSize = batchSize, Seed = seed }, workers, cache, read);

    public static BatchLoader Loader(
        Dataset dataset, BatchOptions options, int workers = 2, long cache = 1 << 20, Func<ImageEntry, Picture>? read = null, Dataset? pseudo = null, TimeProvider? time = null) =>
        new(new PictureSource(read ?? Noise, dataset), pseudo is null ? null : new PictureSource(read ?? Noise, pseudo), options, workers, cache, time);

    /// <summary>Batches as plain arrays: values that can be compared, and nothing to dispose.</summary>
    public static async Task<List<PlainBatch>> ReadAsync(BatchLoader loader, long firstStep, int count, CancellationToken ct)
    {
        var batches = new List<PlainBatch>();
        await foreach (var batch in loader.ReadAsync(firstStep, ct))
        {
            using (batch) batches.Add(PlainBatch.Of(batch));
            if (batches.Count == count) break;
        }

        return batches;
    }
}

/// <summary>The content of a batch.</summary>
internal sealed record PlainBatch(long Step, long[] Shape, long[] ImageIds, float[] Pixels, float[][] Boxes, long[][] Labels, float[][] Ignore)
{
    public static PlainBatch Of(TrainingBatch batch) => new(
        batch.Step,
        batch.Images.shape,
        [.. batch.ImageIds],
        Values<float>(batch.Images),
        [.. batch.Targets.Select(t => Values<float>(t.Boxes))],
        [.. batch.Targets.Select(t => Values<long>(t.Labels))],
        [.. batch.Targets.Select(t => Values<float>(t.IgnoreBoxes))]);

    /// <summary>The values of a tensor, which may be empty.</summary>
    public static T[] Values<T>(Tensor tensor) where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.bytes).ToArray();
}
