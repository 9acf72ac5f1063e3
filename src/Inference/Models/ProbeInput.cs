using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Families;
using Serve.Inference.Onnx;

namespace Serve.Inference.Models;

/// <summary>Makes up what a graph is fed in a probe run: noise for a picture, its sides for numbers in pairs, ones for the rest.</summary>
internal static class ProbeInput
{
    private const int Seed = 20261127;
    // A picture of 4096 x 4096: a few bytes of a file can ask for any size, and loading must leave the server its memory.
    private const int MostElements = 3 << 24;

    /// <summary>The value of an input; the caller disposes it.</summary>
    /// <exception cref="ModelOutputException">No value can be made up for it.</exception>
    public static OrtValue Create(GraphTensor input, int batch, int width, int height, double scale)
    {
        if (input.Shape is null)
            throw new ModelOutputException($"Input '{input.Name}' does not tell how many dimensions it has.");
        // Whole numbers in three dimensions are a mask of the pixels that count.
        var isPicture = input.Shape.Count >= 3 && input.Type is not (TensorElementType.Int64 or TensorElementType.Int32 or TensorElementType.Bool);
        long[] shape = isPicture ? PictureShape(input, batch, width, height) : [.. input.Shape.Select((side, axis) => side > 0 ? side : axis == 0 ? batch : 1L)];
        var count = shape.Aggregate(1L, (product, side) => product * side);
        if (count > MostElements)
            throw new ModelOutputException($"Input '{input.Name}' would have {count} elements; a probe run takes at most {MostElements}.");
        var values = new double[count];
        if (isPicture)
            FillWithNoise(values, input.Type == TensorElementType.UInt8 ? byte.MaxValue : scale);
        else if (shape is [.., 2])
            FillWithSides(values, width, height);
        else
            Array.Fill(values, 1);
        return Tensor(input, values, shape);
    }

    private static long[] PictureShape(GraphTensor input, int batch, int width, int height)
    {
        var shape = input.Shape!;
        // [B, C, H, W], [B, H, W, C], or either without a batch.
        var sides = shape.Count == 4 ? shape.Skip(1).ToArray() : [.. shape.TakeLast(3)];
        // Where all sides are open, bytes come from TensorFlow and floats from PyTorch.
        var channelsLast = sides is [_, _, 3 or 1] and not [3, _, _] || (sides is [-1, -1, -1] && input.Type == TensorElementType.UInt8);
        int[] wanted = channelsLast ? [height, width, 3] : [3, height, width];
        IEnumerable<long> filled = sides.Zip(wanted, (side, want) => (long)(side > 0 ? side : want));
        return [.. shape.Take(shape.Count - 3).Select(side => side > 0 ? side : (long)batch), .. filled];
    }

    private static void FillWithNoise(double[] values, double scale)
    {
        var random = new Random(Seed);
        for (var i = 0; i < values.Length; i++)
            values[i] = random.NextDouble() * scale;
    }

    private static void FillWithSides(double[] values, int width, int height)
    {
        for (var i = 0; i < values.Length; i++)
            values[i] = i % 2 == 0 ? width : height;
    }

    private static OrtValue Tensor(GraphTensor input, double[] values, long[] shape) => input.Type switch
    {
        TensorElementType.Float => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => (float)value), shape),
        TensorElementType.Float16 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => (Float16)(float)value), shape),
        TensorElementType.Double => OrtValue.CreateTensorValueFromMemory(values, shape),
        TensorElementType.UInt8 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => (byte)Math.Min(value, byte.MaxValue)), shape),
        TensorElementType.Int32 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => (int)value), shape),
        TensorElementType.Int64 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => (long)value), shape),
        TensorElementType.Bool => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => value != 0), shape),
        _ => throw new ModelOutputException($"Input '{input.Name}' is of type {input.TypeText}, which no picture can be fed to."),
    };
}
