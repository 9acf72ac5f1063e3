using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Serve.Eval.Json;

/// <summary>64 bytes, and which of them are what: a bit a byte, the first lowest.</summary>
internal readonly unsafe struct ByteBlock(byte* p)
{
    /// <summary>Number of bytes.</summary>
    public const int Length = 64;

    private readonly Vector512<byte> bytes = Vector512.Load(p);

    /// <summary>Those equal to a byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Is(char value) => Vector512.Equals(bytes, Vector512.Create((byte)value)).ExtractMostSignificantBits();

    /// <summary>Those that are 0 to 9.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong AreDigits() => Vector512.LessThan(bytes - Vector512.Create((byte)'0'), Vector512.Create((byte)10)).ExtractMostSignificantBits();

    /// <summary>Those that end a number in an array: a comma, a closing bracket, white space, or a zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong EndValues() => Is(',') | Is(']') | Vector512.LessThanOrEqual(bytes, Vector512.Create((byte)' ')).ExtractMostSignificantBits();

    /// <summary>Those that are white space.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong AreSpace() => Is(' ') | Is('\n') | Is('\r') | Is('\t');
}
