using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>Products with a matrix of weights.</summary>
public static class Products
{
    /// <summary>x times the transposed weights, plus the bias.</summary>
    /// <param name="x">[..., C]; lists [S, C] are the fastest form.</param>
    /// <param name="weight">[D, C].</param>
    /// <param name="bias">[D], or null.</param>
    /// <returns>[..., D].</returns>
    public static TracedTensor Linear(this TracedTensor x, Tensor weight, Tensor? bias)
    {
        var value = nn.functional.linear(x.Value, weight, bias);
        if (Tracer.Of(x) is not { } tracer)
            return new TracedTensor(value);

        tracer.Count(OperationCount.OfMultiplyAdds(value.numel() * weight.shape[1]));
        var (input, weights) = (tracer.NameOf(x), tracer.Constant(weight));
        if (x.Value.dim() == 2)
        {
            string[] inputs = bias is null ? [input, weights] : [input, weights, tracer.Constant(bias)];
            return tracer.Wrap(value, tracer.Add("Gemm", inputs, Attributes.Of("transB", 1)));
        }

        // Transposed by a node, so that the file holds the parameter once; runtimes compute that node when they load it.
        var product = tracer.Add("MatMul", [input, tracer.Add("Transpose", [weights], Attributes.Of("perm", 1, 0))]);
        return tracer.Wrap(value, bias is null ? product : tracer.Add("Add", [product, tracer.Constant(bias)]));
    }
}
