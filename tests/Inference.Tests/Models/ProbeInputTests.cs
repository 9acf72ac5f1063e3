using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Tests.Models;

public sealed class ProbeInputTests
{
    [Fact]
    public void No_memory_is_taken_for_an_input_of_any_size()
    {
        var refused = Assert.Throws<ModelOutputException>(() => ProbeInput.Create(new GraphTensor("images", TensorElementType.Float, [1, 3, 8000, 8000], []), 1, 8000, 8000, 1));

        Assert.Equal("Input 'images' would have 192000000 elements; a probe run takes at most 50331648.", refused.Message);
    }

    [Theory]
    [InlineData(TensorElementType.Float, new[] { -1, 3, -1, 64 }, new long[] { 2, 3, 32, 64 })]
    [InlineData(TensorElementType.UInt8, new[] { 1, -1, -1, 3 }, new long[] { 1, 32, 48, 3 })]
    [InlineData(TensorElementType.UInt8, new[] { -1, -1, -1, -1 }, new long[] { 2, 32, 48, 3 })]
    [InlineData(TensorElementType.Float16, new[] { -1, -1, -1 }, new long[] { 3, 32, 48 })]
    [InlineData(TensorElementType.Int64, new[] { -1, 2 }, new long[] { 2, 2 })]
    [InlineData(TensorElementType.Int64, new[] { -1, 16, -1 }, new long[] { 2, 16, 1 })]
    public void Dynamic_sides_are_those_of_the_picture_and_the_batch(TensorElementType type, int[] shape, long[] expected)
    {
        using var value = ProbeInput.Create(new GraphTensor("input", type, shape, []), 2, 48, 32, 1);

        Assert.Equal(expected, value.GetTensorTypeAndShape().Shape);
    }
}
