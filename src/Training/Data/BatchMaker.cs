using System.Buffers;
using System.Runtime.InteropServices;
using Serve.Eval;
using static TorchSharp.torch;

namespace Serve.Training.Data;

/// <summary>Makes the batch of a step: its images, augmented, as tensors. Safe for use from several threads.</summary>
/// <param name="streams">Where its images come from, those of the first stream first.</param>
/// <param name="pasted">Where pasted objects come from, one image for each of a batch; null where none are pasted.</param>
/// <param name="options">What batches are made of.</param>
/// <param name="times">Is told how long each stage takes.</param>
internal sealed class BatchMaker(IReadOnlyList<SampleStream> streams, SampleStream? pasted, BatchOptions options, StageTimes times)
{
    // A part of the keys of the choices of pasted objects, apart from those of images, which have three or five parts, and of orders, whose third part is negative.
    private const long Stream = -2;

    private readonly Augmentation augmentation = options.Augmentation;

    /// <summary>Makes a batch. Its tensors belong to no dispose scope: whoever gets the batch disposes it.</summary>
    public TrainingBatch Make(long step, CancellationToken ct)
    {
        (SampleMaker Samples, SamplePlan Plan)[] all = [.. streams.SelectMany(stream => stream.Plan(step).Select(plan => (stream.Samples, plan)))];
        var size = SizeOf(all.Select(image => image.Plan));

        // Also frees what was made so far when a picture is bad; and this thread may have a scope of someone else open.
        using var scope = NewDisposeScope();
        var start = times.Now();
        long[] shape = [all.Length, 3, size.Height, size.Width];
        var images = empty(shape, float32); // [B, 3, H, W]
        MemoryMarshal.Cast<byte, float>(images.bytes).Fill((float)augmentation.PadValue);
        var targets = new DetectionTargets[all.Length];
        times.Add(DataStage.Tensor, start);
        for (var i = 0; i < all.Length; i++)
        {
            ct.ThrowIfCancellationRequested();
            var (samples, plan) = all[i];
            var canvas = MemoryMarshal.Cast<byte, float>(images.bytes).Slice(i * 3 * size.Area, 3 * size.Area);
            samples.Paint(plan, size, canvas);
            var objects = samples.Place(plan);
            if (augmentation.CopyPaste is { } paste)
                objects = Paste(paste, objects, samples.AreaScale(plan), pasted!.Plan(step * all.Length + i)[0], new SplitMix64(options.Seed, step, i, Stream), size, canvas);

            start = times.Now();
            targets[i] = ToTensors(objects) with { Valid = ValidOf(plan.Placement) };
            times.Add(DataStage.Tensor, start);
        }

        images.DetachFromDisposeScope();
        foreach (var target in targets)
            target.DetachFromDisposeScope();

        return new(step, images, targets, [.. all.Select(image => image.Samples.ImageId(image.Plan.Index))]);
    }

    private SampleObjects Paste(CopyPasteOptions paste, SampleObjects objects, double areaScale, SamplePlan source, SplitMix64 random, CanvasSize size, Span<float> canvas)
    {
        // Masks tell how many objects there are to choose from; the picture is read only when some are chosen.
        var candidates = pasted!.Samples.Place(source);
        if (CopyPaste.Choose(candidates.Boxes.Count, ref random) is not { Length: > 0 } chosen)
            return objects;

        var pixels = ArrayPool<float>.Shared.Rent(3 * size.Area);
        pasted.Samples.Paint(source, size, pixels.AsSpan(0, 3 * size.Area));
        var start = times.Now();
        var added = CopyPaste.Take(candidates, chosen);
        var alpha = MaskWindow.Union(added.Masks!);
        CopyPaste.Compose(canvas, pixels, size, alpha);
        ArrayPool<float>.Shared.Return(pixels);
        var joined = CopyPaste.Join(objects, added, alpha, paste, areaScale);
        times.Add(DataStage.Paste, start);
        return joined;
    }

    private CanvasSize SizeOf(IEnumerable<SamplePlan> plans)
    {
        var (width, height) = (0, 0);
        foreach (var plan in plans)
        {
            var canvas = augmentation.CanvasOf(plan.Placement);
            (width, height) = (Math.Max(width, canvas.Width), Math.Max(height, canvas.Height));
        }

        return new(Rounded(width), Rounded(height));

        static int Rounded(int side) => (side + Augmentation.SizeMultiple - 1) / Augmentation.SizeMultiple * Augmentation.SizeMultiple;
    }

    // On a jittered canvas all of it counts, as in the papers' code: pasted objects may lie in the padding. An image at a random place has no part at the top left.
    private (int Width, int Height) ValidOf(Placement placement) => augmentation switch
    {
        { Resize: TrainingResize.ShortestSide } => (placement.Width, placement.Height),
        { Resize: TrainingResize.Fit, RandomPlacement: false, CopyPaste: null } => (Math.Min(placement.Width, augmentation.Width), Math.Min(placement.Height, augmentation.Height)),
        _ => default,
    };

    private DetectionTargets ToTensors(SampleObjects objects) => new(
        ToTensor(objects.Boxes),
        tensor(objects.Labels.Select(l => (long)l).ToArray(), [objects.Labels.Count], int64),
        ToTensor(objects.Crowds))
    {
        Masks = options.Masks ? InstanceMasks.Of(objects.Masks!) : null,
    };

    private static Tensor ToTensor(IReadOnlyList<Box> boxes) // [N, 4]
    {
        float[] corners = [.. boxes.SelectMany(b => new[] { (float)b.X1, (float)b.Y1, (float)b.X2, (float)b.Y2 })];
        return tensor(corners, [boxes.Count, 4], float32);
    }
}
