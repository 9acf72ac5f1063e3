using System.Text.Json;
using Serve.Api.Wire;

namespace Serve.Api.OpenInference;

/// <summary>Reads one element of a request's <c>inputs</c>.</summary>
internal static class RequestInputReader
{
    /// <summary>Reads a tensor and the data it has in JSON.</summary>
    /// <param name="reader">At the start of the object; left at its end.</param>
    /// <param name="json">The whole text that is being read.</param>
    /// <param name="request">Owns the memory of the data.</param>
    public static RequestInput Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, InferenceRequest request)
    {
        string? name = null;
        TensorDatatype? datatype = null;
        long[]? shape = null;
        long? binarySize = null;
        (int Start, int End)? later = null;
        PooledBytes? data = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            if (reader.ValueTextEquals("name"u8))
            {
                RequireFirst(name is null, name, "name");
                name = Text(ref reader, "inputs[].name");
            }
            else if (reader.ValueTextEquals("datatype"u8))
            {
                // Data that were read as one type or shape must not be taken for another.
                RequireFirst(datatype is null, name, "datatype");
                datatype = Datatype(Text(ref reader, "inputs[].datatype"), name);
            }
            else if (reader.ValueTextEquals("shape"u8))
            {
                RequireFirst(shape is null, name, "shape");
                shape = Shape(ref reader, name);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                reader.Read();
                binarySize = ParameterReader.BinarySize(ref reader);
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                reader.Read();
                RequireFirst(data is null && later is null, name, "data");
                if (name is not null && datatype is { } type && shape is not null)
                {
                    data = request.Own(JsonTensorData.Read(ref reader, name, type, shape, json.Length));
                    continue;
                }
                // What it means is said further on: it is read again then.
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                later = (start, (int)reader.BytesConsumed);
            }
            else
            {
                reader.Skip();
            }

        if (name is null)
            throw Refusal.Request($"inputs[{request.Inputs.Count}].name is missing.");
        if (shape is null)
            throw Refusal.Input(name, "its \"shape\" is missing.");
        if (datatype is not { } known)
            throw Refusal.Input(name, $"its \"datatype\" is missing; one of {TensorDatatypes.Names}.");
        if (later is var (from, to))
        {
            var again = new Utf8JsonReader(json[from..to]);
            again.Read();
            data = request.Own(JsonTensorData.Read(ref again, name, known, shape, to - from));
        }
        if (data is not null && binarySize is not null)
            throw Refusal.Input(name, "it has both \"data\" and \"binary_data_size\"; send one of them.");
        return Input(name, known, shape, binarySize, data);
    }

    private static RequestInput Input(string name, TensorDatatype datatype, long[] shape, long? binarySize, PooledBytes? data)
    {
        var input = new RequestInput
        {
            Name = name,
            Datatype = datatype,
            Shape = shape,
            Elements = TensorShape.Elements(shape) ?? throw Refusal.Input(name, $"its shape {TensorShape.Text(shape)} has more elements than can be counted."),
            FromJson = data is not null,
            BinarySize = binarySize,
        };
        if (data is not null && datatype == TensorDatatype.Bytes)
            input.Strings = BinaryBlocks.Strings(name, data.Memory, input.Elements);
        else if (data is not null)
            input.Data = data.Memory;
        return input;
    }

    private static void RequireFirst(bool isFirst, string? name, string member)
    {
        if (!isFirst)
            throw Refusal.Input(name ?? "?", $"\"{member}\" is there twice.");
    }

    private static string Text(ref Utf8JsonReader reader, string what)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw Refusal.Request($"{what}: expected a string.");
    }

    private static TensorDatatype Datatype(string text, string? name)
        => TensorDatatypes.Parse(text) ?? throw Refusal.Input(name ?? "?", $"datatype \"{text}\" is not one; allowed are {TensorDatatypes.Names}.");

    private static long[] Shape(ref Utf8JsonReader reader, string? name)
    {
        const string expected = "\"shape\": expected an array of whole numbers, 0 and up.";
        Span<long> sides = stackalloc long[TensorShape.MostDimensions];
        var count = 0;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Refusal.Input(name ?? "?", expected);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (count == sides.Length)
                throw Refusal.Input(name ?? "?", $"its shape has more than {TensorShape.MostDimensions} dimensions.");
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out sides[count]) || sides[count] < 0)
                throw Refusal.Input(name ?? "?", expected);
            count++;
        }
        return sides[..count].ToArray();
    }
}
