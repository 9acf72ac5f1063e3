using Serve.Eval;
using Serve.Training.Models.Layers;

namespace Serve.Training.Models.Backbones;

/// <summary>Kinds of backbones.</summary>
public enum BackboneKind
{
    /// <summary>A residual network.</summary>
    ResNet,
}

/// <summary>Which convolution of a bottleneck block has the stride. Weights of the one kind fit into the other but are worth nothing there.</summary>
public enum StridePosition
{
    /// <summary>The 3x3: torchvision's weights, those with group normalisation, and all training from random weights.</summary>
    On3x3,

    /// <summary>The first 1x1: the weights of the residual networks' authors ("MSRA"), which Detectron and Detectron2 start from.</summary>
    On1x1,
}

/// <summary>Which backbone, and its size.</summary>
public sealed record BackboneOptions
{
    /// <summary>The kind.</summary>
    public BackboneKind Kind { get; init; }

    /// <summary>Depth: 18, 34, 50 or 101.</summary>
    public int Depth { get; init; } = 50;

    /// <summary>Channels of the first stage: 64 in the published networks, less for a smaller one.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Normalisation after each convolution.</summary>
    public Norm Norm { get; init; } = Norm.Group();

    /// <summary>Which convolution of a bottleneck block has the stride.</summary>
    public StridePosition Stride { get; init; }

    /// <summary>How much stays as it was loaded: 0 nothing, 1 the stem, 2 the stem and the first stage, ... 5 everything.</summary>
    public int FreezeAt { get; init; }

    /// <summary>Whether the last scale of each residual block starts at zero.</summary>
    public bool ZeroInitResidual { get; init; }

    /// <summary>Three 3x3 convolutions in place of the first 7x7 (He et al., "Bag of tricks", CVPR 2019, ResNet-C).</summary>
    public bool DeepStem { get; init; }

    /// <summary>Shortcuts that change the size take the mean of 2x2 cells before their 1x1 convolution, in place of a stride (ResNet-D, same source).</summary>
    public bool AveragePoolShortcut { get; init; }

    /// <summary>The backbone these options describe.</summary>
    /// <param name="init">Fills the weights.</param>
    /// <exception cref="InvalidInputException">There is no such backbone.</exception>
    internal Backbone Create(Initialisation init) => Kind switch
    {
        BackboneKind.ResNet => new ResNet(this, init),
        _ => throw new InvalidInputException(OptionFault.Of("backbone.kind", Kind, string.Join(", ", Enum.GetNames<BackboneKind>()))),
    };

    /// <summary>The same backbone with few channels and nothing frozen, since the small one has random weights.</summary>
    internal BackboneOptions Shrunk() => this with
    {
        Width = 8,
        FreezeAt = 0,
        Norm = Norm with { Kind = Norm.Kind == NormKind.FrozenBatch ? NormKind.Batch : Norm.Kind, Exact = false },
    };

    /// <summary>The options that are out of range, a sentence each.</summary>
    internal IEnumerable<string> Faults(string path)
    {
        if (!ResNet.Blocks.ContainsKey(Depth))
            yield return OptionFault.Of($"{path}.{nameof(Depth)}", Depth, "18, 34, 50 or 101");
        if (Width < 1 || (DeepStem && Width % 2 != 0))
            yield return OptionFault.Of($"{path}.{nameof(Width)}", Width, DeepStem ? "an even number" : "1 or more");
        foreach (var fault in Norm.Faults($"{path}.{nameof(Norm)}"))
            yield return fault;
        if (Stride == StridePosition.On1x1 && Depth < 50)
            yield return OptionFault.Of($"{path}.{nameof(Stride)}", Stride, $"{nameof(StridePosition.On3x3)}, as depths below 50 have no 1x1 in their blocks");
        if (FreezeAt is not (>= 0 and <= 5))
            yield return OptionFault.Of($"{path}.{nameof(FreezeAt)}", FreezeAt, "0 to 5");
        if (ZeroInitResidual && Norm.Kind == NormKind.None)
            yield return OptionFault.Of($"{path}.{nameof(ZeroInitResidual)}", ZeroInitResidual, "false, as without normalisation there is no scale");
    }
}
