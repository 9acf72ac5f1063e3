using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>Normalisation of feature maps [B, C, H, W].</summary>
public static class Normalizations
{
    /// <summary>Subtracts the mean and divides by the standard deviation of each image's group of channels, then scales and shifts each channel.</summary>
    /// <remarks>
    /// Wu, He, "Group Normalization", ECCV 2018, equations 1-7: biased variance, epsilon inside the root, scale and shift per channel (not per group).
    /// </remarks>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="groups">Number of groups; divides C. Channels of a group are neighbours.</param>
    /// <param name="weight">[C] scale.</param>
    /// <param name="bias">[C] shift.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public static TracedTensor GroupNorm(this TracedTensor x, int groups, Tensor weight, Tensor bias, double epsilon = 1e-5)
    {
        var value = nn.functional.group_norm(x.Value, groups, weight, bias, epsilon);
        if (Tracer.Of(x) is not { } tracer)
            return new TracedTensor(value);

        var input = tracer.NameOf(x);
        // No size is left for Reshape to find out: of a list of no rows it could not.
        var cells = tracer.Add("Shape", [input], Attributes.Of("start", 2), Attributes.Of("end", 4));
        var target = tracer.Add("Concat", [tracer.Constant(0, groups, weight.shape[0] / groups), cells], Attributes.Of("axis", 0));
        var grouped = tracer.Add("Reshape", [input, target]);                      // [B, G, C / G, H, W]
        var normal = tracer.Add(
            "InstanceNormalization", [grouped, tracer.Constant(ones(groups)), tracer.Constant(zeros(groups))], Attributes.Of("epsilon", (float)epsilon));
        var restored = tracer.Add("Reshape", [normal, tracer.Add("Shape", [input])]);

        // Scale and shift as a convolution of one channel each: ONNX Runtime then fuses the activation that follows. On one core a whole FCOS took 48 ms this
        // way, 49 ms with Mul and Add, and 53 ms with the GroupNormalization operator, which is expanded to more passes.
        return tracer.Wrap(value, tracer.Add(
            "Conv", [restored, tracer.Constant(weight.view(-1, 1, 1, 1)), tracer.Constant(bias)],
            Attributes.Of("kernel_shape", 1, 1), Attributes.Of("group", weight.shape[0])));
    }

    /// <summary>Batch normalisation. Training uses the batch's statistics and moves the running ones; otherwise the running ones are used.</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="weight">[C] scale.</param>
    /// <param name="bias">[C] shift.</param>
    /// <param name="mean">[C] running mean; changed in training.</param>
    /// <param name="variance">[C] running variance; changed in training.</param>
    /// <param name="training">Whether the batch's own statistics are used. Such a pass cannot be traced.</param>
    /// <param name="momentum">Weight of the new batch in the running statistics.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public static TracedTensor BatchNorm(
        this TracedTensor x, Tensor weight, Tensor bias, Tensor mean, Tensor variance, bool training, double momentum = 0.1, double epsilon = 1e-5)
    {
        var value = nn.functional.batch_norm(x.Value, mean, variance, weight, bias, training, momentum, epsilon);
        if (Tracer.Of(x) is not { } tracer)
            return new TracedTensor(value);
        if (training)
            throw new InvalidOperationException("Batch normalisation is traced with its running statistics: call eval() on the detector before an export.");
        return tracer.Wrap(value, tracer.Add(
            "BatchNormalization",
            [tracer.NameOf(x), tracer.Constant(weight), tracer.Constant(bias), tracer.Constant(mean), tracer.Constant(variance)],
            Attributes.Of("epsilon", (float)epsilon)));
    }
}
