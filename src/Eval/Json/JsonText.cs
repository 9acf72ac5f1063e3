using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Serve.Eval.Json;

/// <summary>What the texts of a document say. Bytes are those between the quotes, of which <see cref="JsonSyntax.AfterText"/> or the library has approved.</summary>
internal static class JsonText
{
    private const int UnitDigits = 4;

    /// <summary>The text; null where it is not valid Unicode: broken UTF-8, or half of a surrogate pair.</summary>
    public static string? Decode(ReadOnlySpan<byte> raw)
    {
        if (!raw.Contains((byte)'\\'))
            return Utf8.IsValid(raw) ? Encoding.UTF8.GetString(raw) : null;
        var text = ArrayPool<byte>.Shared.Rent(raw.Length);
        try
        {
            var length = Unescape(raw, text);
            return length >= 0 && Utf8.IsValid(text.AsSpan(0, length)) ? Encoding.UTF8.GetString(text, 0, length) : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
        }
    }

    /// <summary>The text of an element that is one; null where it is not valid Unicode, for which the library throws.</summary>
    public static string? Of(JsonElement text) => Decode(JsonMarshal.GetRawUtf8Value(text)[1..^1]);

    /// <summary>The name of a property; null where it is not valid Unicode, for which the library throws.</summary>
    public static string? NameOf(JsonProperty property) => Decode(JsonMarshal.GetRawUtf8PropertyName(property));

    /// <summary>Finds a property of an object, the last of that name. Other names need not be valid Unicode, of which the library makes an exception.</summary>
    public static bool TryFind(JsonElement owner, string name, out JsonElement value)
    {
        try
        {
            return owner.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException)
        {
            var found = owner.EnumerateObject().LastOrDefault(property => NameOf(property) == name);
            value = found.Value;
            return value.ValueKind is not JsonValueKind.Undefined;
        }
    }

    /// <summary>Replaces escapes by the characters they stand for, in UTF-8.</summary>
    /// <param name="raw">The bytes between the quotes.</param>
    /// <param name="text">Room for as many bytes.</param>
    /// <returns>Number of bytes; -1 where there is half of a surrogate pair.</returns>
    public static int Unescape(ReadOnlySpan<byte> raw, Span<byte> text)
    {
        var count = 0;
        while (true)
        {
            var plain = raw.IndexOf((byte)'\\');
            if (plain < 0)
            {
                raw.CopyTo(text[count..]);
                return count + raw.Length;
            }
            raw[..plain].CopyTo(text[count..]);
            count += plain;
            raw = raw[plain..];
            if (raw[1] == 'u')
            {
                if (!TryUnit(ref raw, out var rune))
                    return -1;
                count += rune.EncodeToUtf8(text[count..]);
                continue;
            }
            text[count++] = raw[1] switch
            {
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                _ => raw[1],
            };
            raw = raw[2..];
        }
    }

    // One \uXXXX, or two that make a pair.
    private static bool TryUnit(ref ReadOnlySpan<byte> raw, out Rune rune)
    {
        var first = Unit(raw);
        raw = raw[(UnitDigits + 2)..];
        if (Rune.TryCreate(first, out rune))
            return true;
        if (!raw.StartsWith("\\u"u8) || !Rune.TryCreate(first, Unit(raw), out rune))
            return false;
        raw = raw[(UnitDigits + 2)..];
        return true;
    }

    private static char Unit(ReadOnlySpan<byte> escape)
        => (char)ushort.Parse(escape.Slice(2, UnitDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
