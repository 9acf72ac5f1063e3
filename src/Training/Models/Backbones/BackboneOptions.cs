using Serve.Eval;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing.Operators;

namespace Serve.Training.Models.Backbones;

/// <summary>Kinds of backbones.</summary>
public enum BackboneKind
{
    /// <summary>A residual network.</summary>
    ResNet,

    /// <summary>A residual network whose blocks split their 3x3 convolution into parts that see one another's results.</summary>
    Res2Net,

    /// <summary>A residual network of adder layers; its first layer stays a convolution.</summary>
    Adder,
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

    /// <summary>Stages whose 3x3 convolutions are deformable: any of 3, 4, 5, which make C3, C4, C5.</summary>
    public IReadOnlyList<int> DeformableStages { get; init; } = [];

    /// <summary>What goes back through the layers of <see cref="BackboneKind.Adder"/>.</summary>
    public AdderGradient AdderGradient { get; init; } = AdderGradient.Sign;

    /// <summary>The backbone these options describe.</summary>
    /// <param name="init">Fills the weights.</param>
    /// <exception cref="InvalidInputException">There is no such backbone.</exception>
    internal Backbone Create(Initialisation init) => Kind switch
    {
        BackboneKind.ResNet or BackboneKind.Res2Net or BackboneKind.Adder => new ResNet(this, init),
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
        if (Kind == BackboneKind.Res2Net && Depth < 50)
            yield return OptionFault.Of($"{path}.{nameof(Depth)}", Depth, $"50 or 101 for {nameof(BackboneKind.Res2Net)}");
        if (Kind == BackboneKind.Res2Net && Stride == StridePosition.On1x1)
            yield return OptionFault.Of($"{path}.{nameof(Stride)}", Stride, $"{nameof(StridePosition.On3x3)} for {nameof(BackboneKind.Res2Net)}");
        if (!DeformableStages.All(stage => stage is >= 3 and <= 5))
            yield return OptionFault.Of($"{path}.{nameof(DeformableStages)}", string.Join(", ", DeformableStages), "any of 3, 4, 5");
        if (DeformableStages.Count > 0 && Depth < 50)
            yield return OptionFault.Of($"{path}.{nameof(DeformableStages)}", string.Join(", ", DeformableStages), "none, as depths below 50 have no bottlenecks");
        if (DeformableStages.Count > 0 && Kind == BackboneKind.Adder)
            yield return OptionFault.Of($"{path}.{nameof(DeformableStages)}", string.Join(", ", DeformableStages), $"none for {nameof(BackboneKind.Adder)}");
        if (Kind == BackboneKind.Adder && Norm.Kind == NormKind.None)
            yield return OptionFault.Of($"{path}.{nameof(Norm)}.{nameof(Norm.Kind)}", Norm.Kind, $"{nameof(NormKind.Batch)}, {nameof(NormKind.Group)} or {nameof(NormKind.FrozenBatch)}, as distances have to be scaled");
        if (Kind == BackboneKind.Adder && FreezeAt > 0)
            yield return OptionFault.Of($"{path}.{nameof(FreezeAt)}", FreezeAt, "0, as with frozen statistics an adder network did not converge in the paper");
        if (FreezeAt is not (>= 0 and <= 5))
            yield return OptionFault.Of($"{path}.{nameof(FreezeAt)}", FreezeAt, "0 to 5");
        if (ZeroInitResidual && Norm.Kind == NormKind.None)
            yield return OptionFault.Of($"{path}.{nameof(ZeroInitResidual)}", ZeroInitResidual, "false, as without normalisation there is no scale");
    }
}
