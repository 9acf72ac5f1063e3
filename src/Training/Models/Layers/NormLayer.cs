using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Layers;

/// <summary>Normalisation of feature maps [B, C, H, W] with a scale <c>weight</c> [C] and a shift <c>bias</c> [C] (no weight decay on them).</summary>
/// <remarks>The tensors are filled here: TorchSharp 0.107's own GroupNorm leaves them uninitialised.</remarks>
public abstract class NormLayer(string name) : nn.Module<TracedTensor, TracedTensor>(name)
{
    /// <summary>The scale, [C]; null where there is none.</summary>
    public abstract Tensor? Scale { get; }

    /// <summary>Sets every element of the scale.</summary>
    public void FillScale(double value)
    {
        using var _ = no_grad();
        Scale?.fill_(value);
    }

    /// <summary>From now on statistics that were gathered over batches stay as they are, in training too.</summary>
    public virtual void FreezeStatistics()
    {
    }
}

/// <summary>Group normalisation; the same in training and inference.</summary>
internal sealed class GroupNormLayer : NormLayer
{
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly int groups;
    private readonly double epsilon;

    public GroupNormLayer(int channels, int groups, double epsilon) : base(nameof(GroupNormLayer))
    {
        (weight, bias, this.groups, this.epsilon) = (new Parameter(ones(channels)), new Parameter(zeros(channels)), groups, epsilon);
        RegisterComponents();
    }

    public override Tensor Scale => weight;

    public override TracedTensor forward(TracedTensor input) => input.GroupNorm(groups, weight, bias, epsilon);
}

/// <summary>Batch normalisation with learnt affine and running statistics (torchvision's keys).</summary>
internal sealed class BatchNormLayer : NormLayer
{
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly Tensor running_mean;
    private readonly Tensor running_var;
    private readonly double momentum;
    private readonly double epsilon;
    private bool isFrozen;

    public BatchNormLayer(int channels, double momentum, double epsilon) : base(nameof(BatchNormLayer))
    {
        (this.momentum, this.epsilon) = (momentum, epsilon);
        (weight, bias) = (new Parameter(ones(channels)), new Parameter(zeros(channels)));
        (running_mean, running_var) = (zeros(channels), ones(channels));
        RegisterComponents();
    }

    public override Tensor Scale => weight;

    public override void FreezeStatistics() => isFrozen = true;

    public override TracedTensor forward(TracedTensor input)
        => input.BatchNorm(weight, bias, running_mean, running_var, training && !isFrozen, momentum, epsilon);
}

/// <summary>Batch normalisation whose four tensors are constants: nothing is learnt, nothing moves, in training as in inference.</summary>
internal sealed class FrozenBatchNormLayer : NormLayer
{
    private readonly Tensor weight;
    private readonly Tensor bias;
    private readonly Tensor running_mean;
    private readonly Tensor running_var;
    private readonly double epsilon;

    public FrozenBatchNormLayer(int channels, double epsilon) : base(nameof(FrozenBatchNormLayer))
    {
        this.epsilon = epsilon;
        (weight, bias) = (ones(channels), zeros(channels));
        (running_mean, running_var) = (zeros(channels), ones(channels));
        RegisterComponents();
    }

    public override Tensor Scale => weight;

    public override TracedTensor forward(TracedTensor input) => input.BatchNorm(weight, bias, running_mean, running_var, training: false, epsilon: epsilon);
}

/// <summary>No normalisation: the input itself.</summary>
internal sealed class NoNormLayer() : NormLayer(nameof(NoNormLayer))
{
    public override Tensor? Scale => null;

    public override TracedTensor forward(TracedTensor input) => input;
}
