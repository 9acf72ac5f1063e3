using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Serve.Eval.Json;

/// <summary>Goes from name to name of an object. Whoever holds it reads or passes over each value, and says where that led.</summary>
/// <param name="start">The object's opening brace.</param>
internal unsafe ref struct ObjectWalk(byte* start)
{
    private const int LongestName = 64;

    // Where the plain form of an odd name is written: at a fixed address. One serves all walks of a thread, as a name is looked at before its value is.
    [ThreadStatic]
    private static byte[]? plainName;

    // Where the walk stands: before the object, or behind a value; null once a value was at fault.
    private byte* at = start;
    private byte* name;
    private int nameLength;

    /// <summary>The value that the name stands for.</summary>
    public byte* Value { get; private set; }

    /// <summary>What follows the object, once there is no other name; null where it is at fault, or the bytes end.</summary>
    public byte* End { get; private set; }

    /// <summary>Goes to the next name; false where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        if (at == null)
            return false;
        if (name == null)
        {
            at = JsonSyntax.AfterSpace(at + 1);
            if (*at == '}')
                return Finish();
        }
        else
        {
            at = JsonSyntax.AfterSpace(at);
            if (*at == '}')
                return Finish();
            if (*at != ',')
                return false;
            at = JsonSyntax.AfterSpace(at + 1);
        }
        if (*at != '"')
            return false;
        name = at + 1;
        // Names are short and plain; all others go the longer way.
        var bytes = Vector128.Load(name);
        var quotes = Vector128.Equals(bytes, Vector128.Create((byte)'"')).ExtractMostSignificantBits();
        var odd = (Vector128.Equals(bytes, Vector128.Create((byte)'\\')) | Vector128.LessThan(bytes, Vector128.Create((byte)' '))).ExtractMostSignificantBits();
        if (quotes == 0 || (odd & (quotes - 1)) != 0)
            return MoveToOddName();
        nameLength = BitOperations.TrailingZeroCount(quotes);
        return MoveToValue(name + nameLength + 1);
    }

    /// <summary>Whether the name is this.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Is(ReadOnlySpan<byte> other)
        => nameLength == other.Length && MemoryMarshal.CreateReadOnlySpan(ref *name, other.Length).SequenceEqual(other);

    /// <summary>Says what follows the value; null where it is at fault, which ends the walk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Pass(byte* next) => at = next;

    private bool Finish()
    {
        End = at + 1;
        return false;
    }

    private bool MoveToValue(byte* afterName)
    {
        Value = JsonSyntax.AfterColon(afterName);
        return Value != null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool MoveToOddName()
    {
        var after = JsonSyntax.AfterText(name - 1);
        if (after == null)
            return false;
        var raw = RecordFields.Between(name, after - 1);
        nameLength = raw.Length;
        if (raw.Contains((byte)'\\'))
        {
            plainName ??= GC.AllocateUninitializedArray<byte>(LongestName, pinned: true);
            // A name that is too long, or half of a surrogate pair, is none that anybody looks for.
            nameLength = raw.Length <= LongestName ? JsonText.Unescape(raw, plainName) : -1;
            name = (byte*)Unsafe.AsPointer(ref plainName[0]);
        }
        return MoveToValue(after);
    }
}
