using Serve.Eval;
using Serve.Training.Models.Layers;

namespace Serve.Training.Models.Backbones;

/// <summary>Kinds of backbones.</summary>
public enum BackboneKind
{
    /// <summary>A residual network.</summary>
    ResNet,
}

/// <summary>Which backbone, and its size.</summary>
public sealed record BackboneOptions
{
    /// <summary>The kind.</summary>
    public BackboneKind Kind { get; init; }

    /// <summary>Depth: 18 or 50.</summary>
    public int Depth { get; init; } = 50;

    /// <summary>Channels of the first stage: 64 in the published networks, less for a smaller one.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Normalisation after each convolution.</summary>
    public Norm Norm { get; init; } = Norm.Group();

    /// <summary>Whether the last scale of each residual block starts at zero.</summary>
    public bool ZeroInitResidual { get; init; }

    /// <summary>The backbone these options describe.</summary>
    /// <param name="init">Fills the weights.</param>
    /// <exception cref="InvalidInputException">There is no such backbone.</exception>
    internal Backbone Create(Initialisation init) => Kind switch
    {
        BackboneKind.ResNet => new ResNet(this, init),
        _ => throw new InvalidInputException(OptionFault.Of("backbone.kind", Kind, string.Join(", ", Enum.GetNames<BackboneKind>()))),
    };

    /// <summary>The options that are out of range, a sentence each.</summary>
    internal IEnumerable<string> Faults(string path)
    {
        if (Depth is not (18 or 50))
            yield return OptionFault.Of($"{path}.{nameof(Depth)}", Depth, "18 or 50");
        if (Width < 1)
            yield return OptionFault.Of($"{path}.{nameof(Width)}", Width, "1 or more");
        if (Norm.Groups < 1)
            yield return OptionFault.Of($"{path}.{nameof(Norm)}.{nameof(Norm.Groups)}", Norm.Groups, "1 or more");
    }
}
