using Microsoft.ML.OnnxRuntime;

namespace Serve.Inference.Tests.Decoding;

/// <summary>An output of a model: its dimensions by their letters, in the order in which they lie in memory.</summary>
internal sealed class TestTensor(string name, string axes, params int[] shape)
{
    public string Name { get; } = name;

    public string Axes { get; } = axes;

    public int[] Shape { get; } = shape;

    public float[] Values { get; } = new float[shape.Aggregate(1, (product, side) => product * side)];

    public int Side(char letter) => Axes.Contains(letter, StringComparison.Ordinal) ? Shape[Axes.IndexOf(letter, StringComparison.Ordinal)] : 1;

    /// <summary>The value at some indices; those of letters that the tensor lacks do not matter.</summary>
    public ref float At(params (char Letter, int Index)[] indices)
    {
        var at = 0;
        for (var d = 0; d < Axes.Length; d++)
            at = (at * Shape[d]) + indices.FirstOrDefault(pair => pair.Letter == Axes[d]).Index;
        return ref Values[at];
    }

    /// <summary>Fills it with what a function gives, one after the other.</summary>
    public TestTensor Fill(Func<float> next)
    {
        for (var i = 0; i < Values.Length; i++)
            Values[i] = next();
        return this;
    }

    public OrtValue ToOrt() => OrtValue.CreateTensorValueFromMemory(Values, [.. Shape.Select(side => (long)side)]);

    public OrtValue ToOrtHalf() => OrtValue.CreateTensorValueFromMemory(
        Values.Select(value => new Float16(BitConverter.HalfToUInt16Bits((Half)value))).ToArray(), [.. Shape.Select(side => (long)side)]);

    public OrtValue ToOrtLong() => OrtValue.CreateTensorValueFromMemory(Values.Select(value => (long)value).ToArray(), [.. Shape.Select(side => (long)side)]);
}
