using Serve.Training.Models;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Optimization;

/// <summary>
/// Finds the statistics of batch normalisation anew for weights that were averaged: running statistics belong to the weights of some steps ago, and with few images a
/// step they are noisy.
/// </summary>
/// <remarks>
/// Wu, Johnson, "Rethinking 'Batch' in BatchNorm", 2021, section 3.1 (PreciseBN): mean and variance of all values of a channel over the batches, while each layer normalises
/// with its own batch.
/// </remarks>
internal static class BatchNormReestimation
{
    private const string Mean = "running_mean";
    private const string Variance = "running_var";

    /// <summary>Runs the detector over batches and sets the statistics of its layers; without such layers, nothing is run.</summary>
    /// <param name="detector">The detector, in evaluation mode, which it is left in.</param>
    /// <param name="batches">Batches on the detector's device; disposed by their owner.</param>
    /// <param name="ct">Cancels between batches; the statistics then are as before.</param>
    public static async Task RunAsync(Detector detector, IAsyncEnumerable<TrainingInput> batches, CancellationToken ct)
    {
        // Frozen layers keep the statistics that they were loaded with.
        var layers = detector.modules().OfType<BatchNormLayer>().Where(layer => layer.Scale.requires_grad).ToList();
        if (layers.Count == 0)
            return;

        // Scopes belong to threads, and another thread may go on after an await: what lives longer than a batch is held by hand.
        var sums = layers.Select(layer => new LayerSums(layer)).ToList();
        var done = false;
        try
        {
            await foreach (var batch in batches.WithCancellation(ct))
            {
                using var scope = NewDisposeScope();
                using var noGradient = no_grad();
                detector.Loss(batch);
            }

            done = true;
        }
        finally
        {
            foreach (var sum in sums)
            {
                sum.End(done);
                sum.Dispose();
            }
        }
    }

    private sealed class LayerSums : IDisposable
    {
        private readonly BatchNormLayer layer;
        private readonly Tensor mean;
        private readonly Tensor variance;
        private readonly (Tensor Mean, Tensor Variance) before;
        private readonly Tensor total;
        private readonly Tensor squares;
        private readonly Action removeHook;
        private long count;

        public LayerSums(BatchNormLayer layer)
        {
            using var noGradient = no_grad();
            this.layer = layer;
            var state = layer.state_dict();
            (mean, variance) = (state[Mean], state[Variance]);
            before = (mean.clone().DetachFromDisposeScope(), variance.clone().DetachFromDisposeScope());
            (total, squares) = (zeros_like(mean, dtype: float64).DetachFromDisposeScope(), zeros_like(mean, dtype: float64).DetachFromDisposeScope());
            removeHook = layer.register_forward_pre_hook(Add).remove;
            layer.train();
        }

        public void End(bool isWhole)
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            removeHook();
            layer.eval();
            if (isWhole && count > 0)
            {
                var centre = total / count;
                mean.copy_(centre);
                variance.copy_((squares / count - centre.square()).clamp(min: 0) * (count / Math.Max(count - 1.0, 1)));
            }
            else
            {
                mean.copy_(before.Mean);
                variance.copy_(before.Variance);
            }
        }

        public void Dispose()
        {
            foreach (var tensor in new[] { before.Mean, before.Variance, total, squares })
                tensor.Dispose();
        }

        private TracedTensor Add(nn.Module<TracedTensor, TracedTensor> module, TracedTensor input)
        {
            using var scope = NewDisposeScope();
            var values = input.Value.to(float64);              // [B, C, H, W]
            total.add_(values.sum([0, 2, 3]));
            squares.add_(values.square().sum([0, 2, 3]));
            count += values.numel() / values.shape[1];
            return input;
        }
    }
}
