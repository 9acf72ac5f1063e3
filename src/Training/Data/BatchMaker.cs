using System.Runtime.InteropServices;
using Serve.Eval;
using Serve.Eval.Datasets;
using static TorchSharp.torch;

namespace Serve.Training.Data;

/// <summary>Makes the batch of a step: its images, augmented, as tensors. Safe for use from several threads.</summary>
internal sealed class BatchMaker(Dataset dataset, SampleMaker samples, Augmentation options, int batchSize, EpochOrder order)
{
    /// <summary>Makes a batch. Its tensors belong to no dispose scope: whoever gets the batch disposes it.</summary>
    public TrainingBatch Make(long step, CancellationToken ct)
    {
        var stepsPerEpoch = dataset.Images.Count / batchSize;
        var epoch = step / stepsPerEpoch;
        var indices = order.Of(epoch).Slice((int)(step % stepsPerEpoch) * batchSize, batchSize).ToArray();

        // Also frees what was made so far when a picture is bad; and this thread may have a scope of someone else open.
        using var scope = NewDisposeScope();
        var images = zeros(batchSize, 3, options.Height, options.Width); // [B, 3, H, W]
        var targets = new DetectionTargets[batchSize];
        for (var i = 0; i < batchSize; i++)
        {
            ct.ThrowIfCancellationRequested();
            var canvas = MemoryMarshal.Cast<byte, float>(images.bytes).Slice(i * 3 * options.Height * options.Width, 3 * options.Height * options.Width);
            targets[i] = ToTensors(samples.Make(epoch, indices[i], canvas));
        }

        images.DetachFromDisposeScope();
        foreach (var target in targets)
            target.DetachFromDisposeScope();

        return new(step, images, targets, [.. indices.Select(i => dataset.Images[i].Id)]);
    }

    private static DetectionTargets ToTensors(ImageObjects objects) => new(
        ToTensor(objects.Boxes),
        tensor(objects.Labels.Select(l => (long)l).ToArray(), [objects.Labels.Count], int64),
        ToTensor(objects.Crowds));

    private static Tensor ToTensor(IReadOnlyList<Box> boxes) // [N, 4]
    {
        float[] corners = [.. boxes.SelectMany(b => new[] { (float)b.X1, (float)b.Y1, (float)b.X2, (float)b.Y2 })];
        return tensor(corners, [boxes.Count, 4], float32);
    }
}
