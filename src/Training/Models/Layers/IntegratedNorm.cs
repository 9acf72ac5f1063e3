using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Models.Layers;

/// <summary>Batch normalisation of all levels of a pyramid together: where the layer inside trains, the statistics are those of the cells of all levels.</summary>
/// <remarks>
/// Wang et al., "Scale-equalizing pyramid convolution for object detection", CVPR 2020, section 3.4. Outside training it is one affine map for all levels. Key: <c>norm</c>.
/// </remarks>
internal sealed class IntegratedNorm : nn.Module<IReadOnlyList<TracedTensor>, IReadOnlyList<TracedTensor>>
{
    private readonly NormLayer norm;

    /// <param name="channels">Channels of every level.</param>
    public IntegratedNorm(int channels) : base(nameof(IntegratedNorm))
    {
        norm = Norm.Batch.Create(channels);
        RegisterComponents();
    }

    /// <summary>The levels, normalised.</summary>
    /// <param name="input">[B, C, h, w]s.</param>
    public override IReadOnlyList<TracedTensor> forward(IReadOnlyList<TracedTensor> input)
    {
        if (!norm.training)
            return [.. input.Select(norm.call)];

        long[] cells = [.. input.Select(map => map.Value.shape[2] * map.Value.shape[3])];
        var all = cat([.. input.Select(map => map.Value.flatten(2))], 2).unsqueeze(2);            // [B, C, 1, cells]
        var parts = norm.call(new TracedTensor(all)).Value.squeeze(2).split(cells, 2);
        return [.. parts.Zip(input, (part, map) => new TracedTensor(part.reshape(map.Value.shape)))];
    }
}
