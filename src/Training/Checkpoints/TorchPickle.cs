using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using static TorchSharp.torch;

namespace Serve.Training.Checkpoints;

/// <summary>A tensor as a pickle describes it: a view of a storage.</summary>
/// <param name="Storage">Key of the storage.</param>
/// <param name="Type">Element type.</param>
/// <param name="Offset">Its first element in the storage.</param>
/// <param name="Shape">Shape.</param>
/// <param name="Strides">Elements between neighbours, for each dimension.</param>
internal sealed record PickledTensor(string Storage, ScalarType Type, long Offset, IReadOnlyList<long> Shape, IReadOnlyList<long> Strides);

/// <summary>Reads the pickle of a state dictionary.</summary>
/// <remarks>
/// A pickle is a program for a stack machine that may call anything by its name. This reader knows only what dictionaries of tensors are made of: the instructions below, and
/// the names <c>collections.OrderedDict</c>, <c>torch._utils._rebuild_tensor_v2</c>, <c>torch._utils._rebuild_parameter</c>, <c>torch.Size</c> and <c>torch.*Storage</c>. Every
/// other name and instruction is refused, so that reading a file can run no code. Python, Lib/pickletools.py; PyTorch, torch/serialization.py.
/// </remarks>
internal sealed class TorchPickle(byte[] data)
{
    private const int MaxProtocol = 5;

    private static readonly Dictionary<string, ScalarType> Storages = new()
    {
        ["FloatStorage"] = ScalarType.Float32,
        ["DoubleStorage"] = ScalarType.Float64,
        ["HalfStorage"] = ScalarType.Float16,
        ["BFloat16Storage"] = ScalarType.BFloat16,
        ["LongStorage"] = ScalarType.Int64,
        ["IntStorage"] = ScalarType.Int32,
        ["ShortStorage"] = ScalarType.Int16,
        ["CharStorage"] = ScalarType.Int8,
        ["ByteStorage"] = ScalarType.Byte,
        ["BoolStorage"] = ScalarType.Bool,
    };

    private readonly List<object?> stack = [];
    private readonly Stack<int> marks = new();
    private readonly Dictionary<long, object?> memo = [];
    private int position;

    private enum Function
    {
        OrderedDictionary,
        RebuildTensor,
        RebuildParameter,
        Size,
    }

    /// <summary>The pickled object: dictionaries, lists, tuples (<c>object[]</c>), text, numbers and <see cref="PickledTensor"/>.</summary>
    /// <exception cref="FormatException">It is cut, contradicts itself, or asks for something else; the message names it.</exception>
    public object? Read()
    {
        while (true)
        {
            var at = position;
            var code = Take(1)[0];
            switch (code)
            {
                case 0x80 when Take(1)[0] is var version: Require(version <= MaxProtocol, $"protocol {version}"); break;
                case 0x95: Take(8); break;                                                                  // FRAME
                case (byte)'(': marks.Push(stack.Count); break;
                case (byte)'}': stack.Add(new Dictionary<object, object?>()); break;
                case (byte)']': stack.Add(new List<object?>()); break;
                case (byte)')': stack.Add(Array.Empty<object?>()); break;
                case (byte)'t': stack.Add(PopToMark()); break;
                case 0x85: stack.Add(Pop(1)); break;
                case 0x86: stack.Add(Pop(2)); break;
                case 0x87: stack.Add(Pop(3)); break;
                case (byte)'N': stack.Add(null); break;
                case 0x88: stack.Add(true); break;
                case 0x89: stack.Add(false); break;
                case (byte)'J': stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
                case (byte)'K': stack.Add((long)Take(1)[0]); break;
                case (byte)'M': stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
                case 0x8a: stack.Add(Long(Take(Take(1)[0]))); break;
                case (byte)'G': stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
                case (byte)'X': stack.Add(Text(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
                case 0x8c: stack.Add(Text(Take(1)[0])); break;
                case (byte)'q': memo[Take(1)[0]] = Peek(); break;
                case (byte)'r': memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek(); break;
                case 0x94: memo[memo.Count] = Peek(); break;                                                // MEMOIZE
                case (byte)'h': stack.Add(Remembered(Take(1)[0])); break;
                case (byte)'j': stack.Add(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
                case (byte)'s': SetItems(Pop(2)); break;
                case (byte)'u': SetItems(PopToMark()); break;
                case (byte)'a': Items().AddRange(Pop(1)); break;
                case (byte)'e': Append(PopToMark()); break;
                case (byte)'c': stack.Add(Named(Line(), Line())); break;
                case 0x93 when Pop(2) is [string module, string name]: stack.Add(Named(module, name)); break;
                case (byte)'Q': stack.Add(Pop(1)[0] as object?[] ?? throw Fault("a storage that is no tuple")); break;
                case (byte)'R' when Pop(2) is [Function function, object?[] arguments]: stack.Add(Call(function, arguments)); break;
                case (byte)'b': Pop(1); break;                                                              // attributes, such as a state dictionary's versions: not needed
                case (byte)'.': return Pop(1)[0];
                default: throw Fault(string.Create(CultureInfo.InvariantCulture, $"instruction 0x{code:x2} at byte {at}, which no dictionary of tensors needs"));
            }
        }
    }

    /// <summary>What something read is, for messages.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "None",
        string text => $"\"{text}\"",
        PickledTensor => "a tensor",
        Dictionary<object, object?> => "a dictionary",
        List<object?> => "a list",
        object?[] => "a tuple",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>Bytes of an element.</summary>
    public static int SizeOf(ScalarType type) => type switch
    {
        ScalarType.Float64 or ScalarType.Int64 => 8,
        ScalarType.Float32 or ScalarType.Int32 => 4,
        ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
        _ => 1,
    };

    private static object Named(string module, string name) => (module, name) switch
    {
        ("collections", "OrderedDict") => Function.OrderedDictionary,
        ("torch._utils", "_rebuild_tensor_v2") => Function.RebuildTensor,
        ("torch._utils", "_rebuild_parameter") => Function.RebuildParameter,
        ("torch", "Size") => Function.Size,
        ("torch", _) when Storages.TryGetValue(name, out var type) => type,
        _ => throw Fault($"{module}.{name}: its pickle names code other than that of tensors, and nothing else is called. Save the network's state_dict() alone, or as .safetensors"),
    };

    private static object? Call(Function function, object?[] arguments) => (function, arguments) switch
    {
        (Function.OrderedDictionary, []) => new Dictionary<object, object?>(),
        (Function.OrderedDictionary, [List<object?> pairs]) => pairs.Select(pair => pair is object?[] { Length: 2 } two ? two : throw Fault("a pair that is none"))
            .ToDictionary(pair => pair[0] ?? throw Fault("a key that is None"), pair => pair[1]),
        (Function.RebuildTensor, [object?[] and ["storage", ScalarType type, string key, _, long], long offset, object?[] shape, object?[] strides, ..])
            => TensorOf(key, type, offset, Numbers(shape), Numbers(strides)),
        (Function.RebuildParameter, [PickledTensor tensor, ..]) => tensor,
        (Function.Size, [object?[] sizes]) => sizes,
        _ => throw Fault($"{function} of ({string.Join(", ", arguments.Select(Describe))})"),
    };

    private static PickledTensor TensorOf(string storage, ScalarType type, long offset, long[] shape, long[] strides)
        => shape.Length == strides.Length && offset >= 0 && shape.Concat(strides).All(number => number is >= 0 and < 1L << 40)
            ? new(storage, type, offset, shape, strides)
            : throw Fault($"a tensor of shape [{string.Join(", ", shape)}] with strides [{string.Join(", ", strides)}] from element {offset}");

    private static long[] Numbers(object?[] values) => [.. values.Select(value => value is long number ? number : throw Fault($"{Describe(value)} where a number is expected"))];

    private static FormatException Fault(string what) => new(what);

    private static void Require(bool holds, string what)
    {
        if (!holds)
            throw Fault(what);
    }

    private ReadOnlySpan<byte> Take(long count)
    {
        Require(count <= data.Length - position, "its pickle is cut");
        position += (int)count;
        return data.AsSpan(position - (int)count, (int)count);
    }

    private string Text(long bytes) => Encoding.UTF8.GetString(Take(bytes));

    private string Line()
    {
        var length = data.AsSpan(position).IndexOf((byte)'\n');
        Require(length >= 0, "its pickle is cut");
        return Encoding.UTF8.GetString(Take(length + 1)[..^1]);
    }

    private static long Long(ReadOnlySpan<byte> bytes)
    {
        Require(bytes.Length <= 8, $"a whole number of {bytes.Length} bytes");
        Span<byte> wide = stackalloc byte[8];
        wide.Fill((byte)(bytes.Length > 0 && bytes[^1] >= 0x80 ? 0xff : 0));
        bytes.CopyTo(wide);
        return BinaryPrimitives.ReadInt64LittleEndian(wide);
    }

    private object? Peek()
    {
        Require(stack.Count > 0, "its pickle takes from an empty stack");
        return stack[^1];
    }

    private object? Remembered(long key) => memo.TryGetValue(key, out var value) ? value : throw Fault($"its pickle refers to entry {key}, which it has not made");

    private object?[] Pop(int count)
    {
        Require(stack.Count - count >= (marks.Count > 0 ? marks.Peek() : 0), "its pickle takes from an empty stack");
        object?[] values = [.. stack.Skip(stack.Count - count)];
        stack.RemoveRange(stack.Count - count, count);
        return values;
    }

    private object?[] PopToMark()
    {
        Require(marks.Count > 0, "its pickle ends what it has not begun");
        var values = Pop(stack.Count - marks.Peek());
        marks.Pop();
        return values;
    }

    private void SetItems(object?[] items)
    {
        var target = Peek() as Dictionary<object, object?> ?? throw Fault("its pickle sets items of something that is no dictionary");
        Require(items.Length % 2 == 0, "its pickle sets a key without a value");
        for (var i = 0; i < items.Length; i += 2)
        {
            // Keys that are dictionaries or lists have no place in a state dictionary, and compare by reference.
            Require(items[i] is string or long or bool or double, $"its pickle has {Describe(items[i])} for a key");
            target[items[i]!] = items[i + 1];
        }
    }

    private List<object?> Items() => (stack.Count > 1 ? stack[^2] : null) as List<object?> ?? throw Fault("its pickle appends to something that is no list");

    private void Append(object?[] items) => (Peek() as List<object?> ?? throw Fault("its pickle appends to something that is no list")).AddRange(items);
}
