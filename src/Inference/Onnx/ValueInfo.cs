using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serve.Inference.Onnx;

/// <summary>Reads the message that names an input or output and tells its type.</summary>
internal static class ValueInfo
{
    private const int MostDimensions = 64;

    /// <summary>Reads the field's value.</summary>
    /// <exception cref="WireFormatException">It is damaged.</exception>
    public static GraphTensor Read(WireReader reader)
    {
        var name = "";
        var tensor = new GraphTensor("", TensorElementType.DataTypeMax, null, []);
        var outer = reader.Enter();
        while (reader.NextField() is var field and not 0)
        {
            if (field == 1)
                name = reader.Name();
            else if (field == 2)
                tensor = ReadType(reader);
            else
                reader.Skip();
        }

        reader.Leave(outer);
        return tensor with { Name = name };
    }

    private static GraphTensor ReadType(WireReader reader)
    {
        var tensor = new GraphTensor("", TensorElementType.DataTypeMax, null, []);
        var outer = reader.Enter();
        while (reader.NextField() is var field and not 0)
        {
            // Sequences, maps and optional values are the other fields.
            if (field == 1)
                tensor = ReadTensor(reader);
            else
                reader.Skip();
        }

        reader.Leave(outer);
        return tensor;
    }

    private static GraphTensor ReadTensor(WireReader reader)
    {
        var type = TensorElementType.DataTypeMax;
        List<int>? shape = null;
        var symbols = new List<string>();
        var outer = reader.Enter();
        while (reader.NextField() is var field and not 0)
        {
            if (field == 1)
                type = (TensorElementType)reader.Whole();
            else if (field == 2)
                ReadShape(reader, shape ??= [], symbols);
            else
                reader.Skip();
        }

        reader.Leave(outer);
        return new GraphTensor("", type, shape, symbols);
    }

    private static void ReadShape(WireReader reader, List<int> shape, List<string> symbols)
    {
        var outer = reader.Enter();
        while (reader.NextField() is var field and not 0)
        {
            if (field != 1)
            {
                reader.Skip();
                continue;
            }

            if (shape.Count == MostDimensions)
                throw new WireFormatException($"before byte {reader.Position} begins a tensor of more than {MostDimensions} dimensions");
            var (side, symbol) = ReadDimension(reader);
            shape.Add(side);
            symbols.Add(symbol);
        }

        reader.Leave(outer);
    }

    private static (int Side, string Symbol) ReadDimension(WireReader reader)
    {
        var (side, symbol) = (-1L, "");
        var outer = reader.Enter();
        while (reader.NextField() is var field and not 0)
        {
            if (field == 1)
                side = reader.Whole();
            else if (field == 2)
                symbol = reader.Name();
            else
                reader.Skip();
        }

        reader.Leave(outer);

        // Some programs write 0 or -1 for "dynamic".
        return side is > 0 and <= int.MaxValue ? ((int)side, "") : (-1, symbol);
    }
}
