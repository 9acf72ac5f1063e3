using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>Operators that summarise windows of feature maps [B, C, H, W].</summary>
public static class Pooling
{
    /// <summary>Largest value in each window; cells outside the map never win.</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="size">Side of the window.</param>
    /// <param name="stride">Step of the window.</param>
    /// <param name="padding">Cells outside the map on each side.</param>
    public static TracedTensor MaxPool(this TracedTensor x, int size, int stride, int padding = 0)
        => Tracer.Node(
            "MaxPool", nn.functional.max_pool2d(x.Value, size, stride, padding), [x],
            Attributes.Of("kernel_shape", size, size), Attributes.Of("strides", stride, stride), Attributes.Of("pads", padding, padding, padding, padding));

    /// <summary>Mean of each window.</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="size">Side of the window.</param>
    /// <param name="stride">Step of the window.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <param name="ceiling">Whether a last window that reaches beyond the map is taken too.</param>
    /// <param name="countPadding">Whether zeros of the padding count in the mean; cells beyond the padding never do.</param>
    public static TracedTensor AveragePool(this TracedTensor x, int size, int stride, int padding = 0, bool ceiling = false, bool countPadding = true)
        => Tracer.Node(
            "AveragePool", nn.functional.avg_pool2d(x.Value, size, stride, padding, ceiling, countPadding), [x],
            Attributes.Of("kernel_shape", size, size), Attributes.Of("strides", stride, stride), Attributes.Of("pads", padding, padding, padding, padding),
            Attributes.Of("ceil_mode", ceiling ? 1 : 0), Attributes.Of("count_include_pad", countPadding ? 1 : 0));

    /// <summary>One row and column of each <paramref name="stride"/>, the first of them.</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="stride">Rows and columns between two that stay; 1 keeps all.</param>
    public static TracedTensor Subsample(this TracedTensor x, int stride) => x.MaxPool(1, stride);
}
