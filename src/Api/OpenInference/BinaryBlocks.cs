using System.Buffers.Binary;
using Serve.Api.Problems;

namespace Serve.Api.OpenInference;

/// <summary>The binary blocks after the JSON of a request: one for each input that says so, in order, without gaps.</summary>
internal static class BinaryBlocks
{
    private const int LengthBytes = 4;

    // A list of slices takes four times the memory of empty strings.
    private const int MostStrings = 1 << 20;

    /// <summary>Gives each input its block.</summary>
    /// <param name="request">The request; inputs that have JSON data already are passed over.</param>
    /// <param name="blocks">What follows the JSON.</param>
    /// <param name="hasHeader">Whether the client gave the length of the JSON. Then an input may leave its size to its shape.</param>
    /// <exception cref="RequestRefusedException">400: sizes that do not fit each other, or an input without data.</exception>
    public static void Assign(InferenceRequest request, ReadOnlyMemory<byte> blocks, bool hasHeader)
    {
        var at = 0;
        foreach (var input in request.Inputs)
        {
            if (input.FromJson)
                continue;
            var rest = blocks.Length - at;
            var size = input.BinarySize ?? ImpliedSize(input, request.Inputs.Count, rest, hasHeader);
            if (size > rest)
                throw Refusal.Input(input.Name, $"expecting {size - rest} additional bytes: its block has {size}, the body has {rest} left.");
            var block = blocks.Slice(at, (int)size);
            if (input.Datatype == TensorDatatype.Bytes)
                input.Strings = Strings(input.Name, block, input.Elements);
            else
                input.Data = FixedSize(input, block);
            at += (int)size;
        }
        if (at < blocks.Length)
            throw Refusal.Request($"unexpected additional input data: {blocks.Length - at} bytes are left after the last input.");
    }

    /// <summary>The elements of a BYTES tensor: each after its length in four bytes.</summary>
    /// <exception cref="RequestRefusedException">400: the lengths do not end exactly at the block's end after exactly so many elements.</exception>
    public static ReadOnlyMemory<byte>[] Strings(string name, ReadOnlyMemory<byte> block, long elements)
    {
        if (elements > MostStrings)
            throw Refusal.Input(name, $"{elements} BYTES elements; at most {MostStrings} are allowed.");
        if (elements > block.Length / LengthBytes)
            throw Refusal.Input(name, $"its block of {block.Length} bytes ends before its {elements} elements, each after its length in {LengthBytes} bytes.");
        var strings = new ReadOnlyMemory<byte>[elements];
        var at = 0;
        for (var i = 0; i < strings.Length; i++)
        {
            if (block.Length - at < LengthBytes)
                throw Refusal.Input(name, $"its block of {block.Length} bytes ends before element {i} of {elements}.");
            var length = BinaryPrimitives.ReadUInt32LittleEndian(block.Span[at..]);
            at += LengthBytes;
            if (length > block.Length - at)
                throw Refusal.Input(name, $"element {i} has {length} bytes, but its block has {block.Length - at} left.");
            strings[i] = block.Slice(at, (int)length);
            at += (int)length;
        }
        return at == block.Length
            ? strings
            : throw Refusal.Input(name, $"its block has {block.Length - at} bytes after the last of its {elements} elements.");
    }

    /// <summary>The block of a BYTES tensor.</summary>
    public static byte[] Join(IReadOnlyList<byte[]> strings)
    {
        var block = new byte[strings.Sum(text => (long)LengthBytes + text.Length)];
        var at = 0;
        foreach (var text in strings)
        {
            BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(at), text.Length);
            text.CopyTo(block, at + LengthBytes);
            at += LengthBytes + text.Length;
        }
        return block;
    }

    private static ReadOnlyMemory<byte> FixedSize(RequestInput input, ReadOnlyMemory<byte> block)
    {
        var needed = (Int128)input.Elements * input.Datatype.Size();
        return needed == block.Length
            ? block
            : throw Refusal.Input(input.Name, $"{block.Length} bytes, but {input.Datatype.Name()} of shape {TensorShape.Text(input.Shape)} takes {needed}.");
    }

    // OpenVINO Model Server's clients leave the sizes out.
    private static long ImpliedSize(RequestInput input, int inputs, int rest, bool hasHeader)
    {
        if (!hasHeader)
            throw Refusal.Input(input.Name, "it has no data; send \"data\" or the parameter \"binary_data_size\".");
        if (input.Datatype != TensorDatatype.Bytes)
            return (long)Int128.Min((Int128)input.Elements * input.Datatype.Size(), long.MaxValue);
        return inputs == 1 ? rest : throw Refusal.Input(input.Name, "it has no data; beside other inputs a BYTES tensor needs \"data\" or the parameter \"binary_data_size\".");
    }
}
