using Serve.Eval;
using Serve.Training.Models.Layers;

namespace Serve.Training.Models;

/// <summary>Kinds of feature normalisation.</summary>
public enum NormKind
{
    /// <summary>Groups of channels of one image: no statistics are kept, training and inference compute the same.</summary>
    Group,

    /// <summary>The batch's statistics in training, running ones otherwise.</summary>
    Batch,

    /// <summary>Constant statistics, scale and shift: an affine map without gradient.</summary>
    FrozenBatch,
}

/// <summary>Which normalisation follows the convolutions of a network.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Groups">Group normalisation: the number of groups wanted.</param>
public sealed record Norm(NormKind Kind, int Groups = 32)
{
    /// <summary>Batch normalisation, trained.</summary>
    public static Norm Batch { get; } = new(NormKind.Batch);

    /// <summary>Batch normalisation with constant statistics and affine.</summary>
    public static Norm FrozenBatch { get; } = new(NormKind.FrozenBatch);

    /// <summary>Group normalisation. Where the number does not divide the channels, the largest smaller divisor is taken (48 channels: 24 groups).</summary>
    public static Norm Group(int groups = 32) => new(NormKind.Group, groups);

    /// <summary>A layer for so many channels: scale one, shift zero.</summary>
    public NormLayer Create(int channels) => Kind switch
    {
        NormKind.Group => new GroupNormLayer(channels, GroupsFor(channels)),
        NormKind.Batch => new BatchNormLayer(channels),
        NormKind.FrozenBatch => new FrozenBatchNormLayer(channels),
        _ => throw new InvalidInputException($"norm: '{Kind}' is none of {string.Join(", ", Enum.GetNames<NormKind>())}."),
    };

    /// <summary>The number of groups used for so many channels: the largest divisor of them that is not above <see cref="Groups"/>.</summary>
    public int GroupsFor(int channels)
    {
        var groups = Math.Clamp(Groups, 1, channels);
        while (channels % groups != 0)
            groups--;
        return groups;
    }
}
