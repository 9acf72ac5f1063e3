using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Serve.Eval.Json;

/// <summary>
/// The grammar of JSON (RFC 8259) in steps: each takes a pointer to where something must begin, and answers a pointer to what follows it, or null
/// where it is not there. The bytes end in zeros (<see cref="DocumentBuffer.Margin"/>), which no step passes: JSON nowhere allows a zero. So null
/// means either a fault or an early end, which whoever holds the bytes tells apart.
/// </summary>
internal static unsafe class JsonSyntax
{
    private const int EscapedUnit = 6;

    /// <summary>Passes over white space, of which there is mostly none or one blank.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* AfterSpace(byte* p)
    {
        if (*p == ' ')
            p++;
        return *p > ' ' ? p : AfterMoreSpace(p);
    }

    /// <summary>From behind a name, over the colon, to the value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* AfterColon(byte* p)
    {
        p = AfterSpace(p);
        return *p == ':' ? AfterSpace(p + 1) : null;
    }

    /// <summary>Passes over a text, from quote to quote. Its escapes are checked, its UTF-8 is not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static byte* AfterText(byte* p)
    {
        if (*p != '"')
            return null;
        p++;
        while (true)
        {
            var bytes = Vector256.Load(p);
            var special = Vector256.Equals(bytes, Vector256.Create((byte)'"')) | Vector256.Equals(bytes, Vector256.Create((byte)'\\'))
                | Vector256.LessThan(bytes, Vector256.Create((byte)' '));
            var mask = special.ExtractMostSignificantBits();
            if (mask == 0)
            {
                p += Vector256<byte>.Count;
                continue;
            }
            p += BitOperations.TrailingZeroCount(mask);
            if (*p == '"')
                return p + 1;
            // Control characters must be escaped.
            if (*p != '\\' || (p = AfterEscape(p)) == null)
                return null;
        }
    }

    /// <summary>Passes over a number. One that the bytes end with may go on behind them, so it is not taken for a whole one.</summary>
    public static byte* AfterNumber(byte* p)
    {
        if (*p == '-')
            p++;
        if (!IsDigit(*p))
            return null;
        p = *p == '0' ? p + 1 : AfterDigits(p);
        if (*p == '.')
        {
            if (!IsDigit(*++p))
                return null;
            p = AfterDigits(p);
        }
        if ((*p | 0x20) == 'e')
        {
            p++;
            if (*p is (byte)'+' or (byte)'-')
                p++;
            if (!IsDigit(*p))
                return null;
            p = AfterDigits(p);
        }
        return *p == 0 ? null : p;
    }

    /// <summary>Passes over a text, a number, <c>true</c>, <c>false</c> or <c>null</c>.</summary>
    public static byte* AfterScalar(byte* p) => *p switch
    {
        (byte)'"' => AfterText(p),
        (byte)'t' => AfterWord(p, "true"u8),
        (byte)'f' => AfterWord(p, "false"u8),
        (byte)'n' => AfterWord(p, "null"u8),
        _ => AfterNumber(p),
    };

    /// <summary>Passes over a value of any kind.</summary>
    public static byte* AfterValue(byte* p) => *p is (byte)'[' or (byte)'{' ? default(JsonSkipper).Run(p) : AfterScalar(p);

    /// <summary>Whether the bytes of a name are these, its closing quote included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(byte* name, ReadOnlySpan<byte> quoted) => MemoryMarshal.CreateReadOnlySpan(ref *name, quoted.Length).SequenceEqual(quoted);

    /// <summary>Whether a byte is 0 to 9.</summary>
    public static bool IsDigit(byte value) => (uint)(value - '0') <= 9;

    private static byte* AfterMoreSpace(byte* p)
    {
        while (*p is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            p++;
        return p;
    }

    private static byte* AfterDigits(byte* p)
    {
        while (IsDigit(*p))
            p++;
        return p;
    }

    private static byte* AfterWord(byte* p, ReadOnlySpan<byte> word) => Is(p, word) ? p + word.Length : null;

    private static byte* AfterEscape(byte* p)
    {
        if (p[1] is (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t')
            return p + 2;
        if (p[1] != 'u')
            return null;
        for (var i = 2; i < EscapedUnit; i++)
        {
            if (!char.IsAsciiHexDigit((char)p[i]))
                return null;
        }
        return p + EscapedUnit;
    }
}
