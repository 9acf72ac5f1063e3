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

    /// <summary>None; convolutions then have a bias.</summary>
    None,
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

    /// <summary>No normalisation.</summary>
    public static Norm None { get; } = new(NormKind.None);

    /// <summary>Group normalisation: so many channels to a group, in place of <see cref="Groups"/>.</summary>
    public int? ChannelsPerGroup { get; init; }

    /// <summary>
    /// Group normalisation: channels that the number of groups does not divide are refused, as published programs do. Otherwise the largest smaller divisor is taken
    /// (48 channels: 24 groups).
    /// </summary>
    public bool Exact { get; init; }

    /// <summary>Batch normalisation: weight of a new batch in the running statistics.</summary>
    public double Momentum { get; init; } = 0.1;

    /// <summary>Added to the variance.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>Whether convolutions before it have a bias of their own, as there is no shift that follows.</summary>
    internal bool LeavesBias => Kind == NormKind.None;

    /// <summary>Group normalisation.</summary>
    /// <param name="groups">The number of groups wanted.</param>
    /// <param name="exact">See <see cref="Exact"/>.</param>
    public static Norm Group(int groups = 32, bool exact = false) => new(NormKind.Group, groups) { Exact = exact };

    /// <summary>A layer for so many channels: scale one, shift zero.</summary>
    /// <exception cref="InvalidInputException">The channels cannot be divided as <see cref="Exact"/> or <see cref="ChannelsPerGroup"/> ask.</exception>
    public NormLayer Create(int channels) => Kind switch
    {
        NormKind.Group => new GroupNormLayer(channels, GroupsFor(channels), Epsilon),
        NormKind.Batch => new BatchNormLayer(channels, Momentum, Epsilon),
        NormKind.FrozenBatch => new FrozenBatchNormLayer(channels, Epsilon),
        NormKind.None => new NoNormLayer(),
        _ => throw new InvalidInputException($"norm: '{Kind}' is none of {string.Join(", ", Enum.GetNames<NormKind>())}."),
    };

    /// <summary>The number of groups used for so many channels.</summary>
    /// <exception cref="InvalidInputException">The channels cannot be divided as <see cref="Exact"/> or <see cref="ChannelsPerGroup"/> ask.</exception>
    public int GroupsFor(int channels)
    {
        if (ChannelsPerGroup is { } size)
        {
            return channels % size == 0
                ? channels / size
                : throw new InvalidInputException($"norm: {channels} channels cannot be divided into groups of {size}; allowed are divisors of the channels.");
        }

        if (Exact && channels % Groups != 0)
        {
            throw new InvalidInputException(
                $"norm: {channels} channels cannot be divided into {Groups} groups; allowed are divisors of the channels, or exact = false for the largest divisor below.");
        }

        var groups = Math.Clamp(Groups, 1, channels);
        while (channels % groups != 0)
            groups--;
        return groups;
    }

    /// <summary>The options that are out of range, a sentence each.</summary>
    internal IEnumerable<string> Faults(string path)
    {
        if (Groups < 1)
            yield return OptionFault.Of($"{path}.{nameof(Groups)}", Groups, "1 or more");
        if (ChannelsPerGroup < 1)
            yield return OptionFault.Of($"{path}.{nameof(ChannelsPerGroup)}", ChannelsPerGroup, "1 or more, or null");
        if (Momentum is not (> 0 and <= 1))
            yield return OptionFault.Of($"{path}.{nameof(Momentum)}", Momentum, "above 0 and up to 1");
        if (Epsilon is not (> 0 and < 1))
            yield return OptionFault.Of($"{path}.{nameof(Epsilon)}", Epsilon, "between 0 and 1");
    }
}
