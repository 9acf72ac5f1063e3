using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Detection;
using Serve.Inference.Onnx;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Models;

/// <summary>How a graph's inputs lie in memory, as its passport and its own inputs say together.</summary>
internal sealed class InputLayout
{
    private const int Channels = 3;

    private readonly TensorLayout _layout;

    private InputLayout(InputSpec spec, IReadOnlyList<ExtraLayout> extras, bool hasDynamicBatch, bool hasDynamicSides)
    {
        (_layout, PictureType, Extras) = (spec.Layout, ElementType(spec.Type), extras);
        Names = [spec.Name, .. extras.Select(extra => extra.Name)];
        HasDynamicBatch = hasDynamicBatch && spec.Layout is TensorLayout.Nchw or TensorLayout.Nhwc && extras.All(extra => extra.HasBatch);
        HasDynamicSides = hasDynamicSides;
    }

    /// <summary>The inputs that are fed: the picture first.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The further inputs.</summary>
    public IReadOnlyList<ExtraLayout> Extras { get; }

    /// <summary>Element type of the picture's tensor.</summary>
    public TensorElementType PictureType { get; }

    /// <summary>False when the graph takes one picture at a time.</summary>
    public bool HasDynamicBatch { get; }

    /// <summary>True when pictures of different sizes make tensors of different sizes.</summary>
    public bool HasDynamicSides { get; }

    /// <summary>The layout of a graph that has no faults (<see cref="GraphFaults"/>).</summary>
    public static InputLayout Of(InputSpec spec, IReadOnlyList<GraphTensor> inputs)
    {
        GraphTensor Find(string name) => inputs.First(input => input.Name == name);
        var picture = Find(spec.Name);
        var extras = spec.Extra.Select(extra => new ExtraLayout(extra, Find(extra.Name))).ToList();
        return new InputLayout(spec, extras, picture.Shape is not { Count: > 0 } shape || shape[0] < 1, spec.Resize is ResizeRule.ShortestSide or ResizeRule.Keep);
    }

    /// <summary>Shape of the picture's tensor.</summary>
    public long[] PictureShape(BufferShape shape) => _layout switch
    {
        TensorLayout.Nchw => [shape.Batch, Channels, shape.Height, shape.Width],
        TensorLayout.Nhwc => [shape.Batch, shape.Height, shape.Width, Channels],
        TensorLayout.Chw => [Channels, shape.Height, shape.Width],
        _ => [shape.Height, shape.Width, Channels],
    };

    /// <summary>Bytes of one picture's tensor.</summary>
    public long PictureBytes(int width, int height) => (long)Channels * width * height * TensorMemory.ElementSize(PictureType);

    /// <summary>The element type that a passport names.</summary>
    public static TensorElementType ElementType(PixelType type) => type switch
    {
        PixelType.Float16 => TensorElementType.Float16,
        PixelType.Uint8 => TensorElementType.UInt8,
        _ => TensorElementType.Float,
    };
}

/// <summary>A further input: one row a picture.</summary>
internal sealed class ExtraLayout(ExtraInput spec, GraphTensor input)
{
    // A single constant fills a row of any shape: a mask of the pixels that count, say.
    private readonly int _columns = spec.Value != ExtraValue.Constant ? 2 : spec.Numbers.Count > 1 ? spec.Numbers.Count : Elements(input);
    private readonly int _rank = input.Shape?.Count ?? 2;

    public string Name => spec.Name;

    public TensorElementType Type => input.Type;

    /// <summary>False when the rows of several pictures cannot stand in it.</summary>
    public bool HasBatch => (_rank >= 2 || _rank == 1 && _columns == 1) && (input.Shape is not { } shape || shape[0] < 1);

    /// <summary>[B, columns], [columns] or [], as the graph has it.</summary>
    public long[] Shape(int batch) => _rank switch
    {
        0 => [],
        1 => [_columns == 1 ? batch : _columns],
        _ when spec.Value == ExtraValue.Constant && spec.Numbers.Count == 1 => [batch, .. Tail(input)],
        _ => [batch, .. Enumerable.Repeat(1L, _rank - 2), _columns],
    };

    /// <summary>Writes the row of one picture.</summary>
    public void Write(Span<byte> row, in ResizePlan plan)
    {
        if (spec.Value == ExtraValue.Constant)
        {
            for (var i = 0; i < _columns; i++)
                Put(row, i, spec.Numbers[i % spec.Numbers.Count]);
            return;
        }

        var (width, height) = spec.Value switch
        {
            ExtraValue.InputSize => (plan.InputWidth, plan.InputHeight),
            ExtraValue.OriginalSize => (plan.SourceWidth, plan.SourceHeight),
            ExtraValue.ResizedSize => (plan.Width, plan.Height),
            _ => ((double)plan.Width / plan.SourceWidth, (double)plan.Height / plan.SourceHeight),
        };
        Put(row, spec.Order == "wh" ? 0 : 1, width);
        Put(row, spec.Order == "wh" ? 1 : 0, height);
    }

    private static int Elements(GraphTensor input) => (int)Tail(input).Aggregate(1L, (product, side) => checked(product * side));

    /// <summary>The dimensions behind the batch; dynamic ones are 1.</summary>
    private static IEnumerable<long> Tail(GraphTensor input) => input.Shape is { Count: > 1 } shape ? shape.Skip(1).Select(side => Math.Max(1L, side)) : [];

    private void Put(Span<byte> row, int column, double value)
    {
        switch (Type)
        {
            case TensorElementType.Float:
                MemoryMarshal.Cast<byte, float>(row)[column] = (float)value;
                break;
            case TensorElementType.Double:
                MemoryMarshal.Cast<byte, double>(row)[column] = value;
                break;
            case TensorElementType.Float16:
                MemoryMarshal.Cast<byte, Half>(row)[column] = (Half)value;
                break;
            case TensorElementType.Int32:
                BinaryPrimitives.WriteInt32LittleEndian(row[(column * sizeof(int))..], (int)Math.Round(value));
                break;
            default:
                BinaryPrimitives.WriteInt64LittleEndian(row[(column * sizeof(long))..], (long)Math.Round(value));
                break;
        }
    }
}
