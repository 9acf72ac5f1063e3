using System.Buffers.Binary;
using System.Text.Json;
using Serve.Api.Problems;
using Serve.Api.Wire;

namespace Serve.Api.OpenInference;

/// <summary>Reads the <c>data</c> of a tensor in JSON: row-major, flat or nested as the shape is.</summary>
internal static class JsonTensorData
{
    private const int LengthBytes = 4;

    /// <summary>Reads the array.</summary>
    /// <param name="reader">At the start of the array; left at its end.</param>
    /// <param name="name">Name of the input, for messages.</param>
    /// <param name="datatype">Its type.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="jsonLength">Bytes of the text, which bound what a shape may ask for.</param>
    /// <returns>The tensor as on the wire; the caller disposes it.</returns>
    /// <exception cref="RequestRefusedException">400: wrong nesting, count, type or range; the message names the input and where.</exception>
    public static PooledBytes Read(ref Utf8JsonReader reader, string name, TensorDatatype datatype, long[] shape, int jsonLength)
    {
        if (!datatype.IsInJson())
            throw Refusal.Input(name, $"JSON cannot carry {datatype.Name()}; send it as binary data (parameter \"binary_data_size\").");
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Refusal.Input(name, "\"data\": expected an array.");
        // Each element takes a character and a comma.
        var elements = TensorShape.Elements(shape);
        if (elements is null || elements > jsonLength / 2 + 1)
            throw Refusal.Input(name, $"its shape {TensorShape.Text(shape)} has more elements than its data.");

        var walk = new Walk(name, datatype, shape, elements.Value, new PooledBytes((int)Math.Min(elements.Value * Math.Max(datatype.Size(), LengthBytes), jsonLength)));
        try
        {
            walk.Read(ref reader);
            return walk.Target;
        }
        catch
        {
            walk.Target.Dispose();
            throw;
        }
    }

    private struct Walk(string name, TensorDatatype datatype, long[] shape, long elements, PooledBytes target)
    {
        private long _index;

        public readonly PooledBytes Target => target;

        public void Read(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray && shape.Length > 1)
                ReadNested(ref reader, 0);
            else
                ReadFlat(ref reader);
        }

        private void ReadFlat(ref Utf8JsonReader reader)
        {
            for (; reader.TokenType != JsonTokenType.EndArray; reader.Read())
            {
                if (_index == elements)
                    throw Wrong($"has more than the {elements} elements of its shape {TensorShape.Text(shape)}.");
                ReadElement(ref reader);
            }
            if (_index < elements)
                throw Wrong($"has {_index} elements, its shape {TensorShape.Text(shape)} has {elements}.");
        }

        /// <summary>Reads the rest of an array whose first token has been read; each level is as long as the shape says.</summary>
        private void ReadNested(ref Utf8JsonReader reader, int level)
        {
            for (long i = 0; i < shape[level]; i++, reader.Read())
            {
                if (reader.TokenType == JsonTokenType.EndArray)
                    throw Wrong($"an array at depth {level + 1} has {i} entries where the shape {TensorShape.Text(shape)} has {shape[level]}.");
                if (level == shape.Length - 1)
                {
                    ReadElement(ref reader);
                    continue;
                }
                if (reader.TokenType != JsonTokenType.StartArray)
                    throw Wrong($"is nested, but not as its shape {TensorShape.Text(shape)} is: expected an array at depth {level + 2}.");
                reader.Read();
                ReadNested(ref reader, level + 1);
            }
            if (reader.TokenType != JsonTokenType.EndArray)
                throw Wrong($"an array at depth {level + 1} has more than the {shape[level]} entries of the shape {TensorShape.Text(shape)}.");
        }

        private void ReadElement(ref Utf8JsonReader reader)
        {
            switch (datatype)
            {
                case TensorDatatype.Bool:
                    target.Take(1)[0] = reader.TokenType is JsonTokenType.True or JsonTokenType.False
                        ? (byte)(reader.GetBoolean() ? 1 : 0)
                        : throw WrongElement(ref reader, "true or false");
                    break;
                case TensorDatatype.Fp32:
                    BinaryPrimitives.WriteSingleLittleEndian(target.Take(4),
                        reader.TokenType == JsonTokenType.Number && reader.TryGetSingle(out var single) && float.IsFinite(single)
                            ? single
                            : throw WrongElement(ref reader, "a number in the range of FP32"));
                    break;
                case TensorDatatype.Fp64:
                    BinaryPrimitives.WriteDoubleLittleEndian(target.Take(8),
                        reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var number) && double.IsFinite(number)
                            ? number
                            : throw WrongElement(ref reader, "a number in the range of FP64"));
                    break;
                case TensorDatatype.Bytes:
                    ReadString(ref reader);
                    break;
                case TensorDatatype.Uint64:
                    BinaryPrimitives.WriteUInt64LittleEndian(target.Take(8),
                        reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out var large)
                            ? large
                            : throw WrongElement(ref reader, $"a whole number from 0 to {ulong.MaxValue}"));
                    break;
                default:
                    ReadWhole(ref reader);
                    break;
            }
            _index++;
        }

        private readonly void ReadWhole(ref Utf8JsonReader reader)
        {
            var (least, most) = datatype switch
            {
                TensorDatatype.Uint8 => (byte.MinValue, byte.MaxValue),
                TensorDatatype.Uint16 => (ushort.MinValue, ushort.MaxValue),
                TensorDatatype.Uint32 => (uint.MinValue, uint.MaxValue),
                TensorDatatype.Int8 => (sbyte.MinValue, sbyte.MaxValue),
                TensorDatatype.Int16 => (short.MinValue, short.MaxValue),
                TensorDatatype.Int32 => (int.MinValue, int.MaxValue),
                _ => (long.MinValue, long.MaxValue),
            };
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var value) || value < least || value > most)
                throw WrongElement(ref reader, $"a whole number from {least} to {most}");
            // Little-endian: the low bytes come first, whatever the size.
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            var size = datatype.Size();
            bytes[..size].CopyTo(target.Take(size));
        }

        private readonly void ReadString(ref Utf8JsonReader reader)
        {
            if (reader.TokenType != JsonTokenType.String)
                throw WrongElement(ref reader, "a string");
            var room = target.GetSpan(LengthBytes + reader.ValueSpan.Length);
            var length = reader.CopyString(room[LengthBytes..]);
            BinaryPrimitives.WriteInt32LittleEndian(room, length);
            target.Advance(LengthBytes + length);
        }

        private readonly RequestRefusedException WrongElement(ref Utf8JsonReader reader, string expected)
            => Wrong($"element {_index} is {Describe(ref reader)}; expected {expected}.");

        private readonly RequestRefusedException Wrong(string message) => Refusal.Input(name, $"its data {message}");

        private static string Describe(ref Utf8JsonReader reader) => reader.TokenType switch
        {
            JsonTokenType.StartArray => "an array",
            JsonTokenType.StartObject => "an object",
            JsonTokenType.String => "a string",
            JsonTokenType.Number when reader.ValueSpan.Length <= 40 => System.Text.Encoding.ASCII.GetString(reader.ValueSpan),
            JsonTokenType.Number => "a long number",
            JsonTokenType.Null => "null",
            var token => token.ToString().ToLowerInvariant(),
        };
    }
}
