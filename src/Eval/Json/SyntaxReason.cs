using System.Text;
using System.Text.Json;

namespace Serve.Eval.Json;

/// <summary>
/// Finds out why the scanner could not go on. The scanner itself only knows that something is wrong in a record; the library's reader goes over that
/// record once more and says what, in words that people know from elsewhere.
/// </summary>
public static class SyntaxReason
{
    // Enough to recognise what was given in the place of JSON; a whole file does not belong into a message.
    private const int MostLetters = 20;

    /// <summary>Looks for the fault.</summary>
    /// <param name="beginning">The beginning of a document that leads to where the bytes go on.</param>
    /// <param name="bytes">The bytes that the scanner did not get over.</param>
    /// <param name="isFinal">Whether the document ends with them.</param>
    /// <returns>Place in the bytes, and the reason; null where there is no fault before their end.</returns>
    internal static (int At, string Reason)? Find(string beginning, ReadOnlySpan<byte> bytes, bool isFinal)
    {
        var document = new byte[beginning.Length + bytes.Length];
        Encoding.ASCII.GetBytes(beginning, document);
        bytes.CopyTo(document.AsSpan(beginning.Length));
        var reader = new Utf8JsonReader(document, isFinal, default);
        try
        {
            while (reader.Read())
            {
            }
            return null;
        }
        catch (JsonException fault)
        {
            var line = 0;
            for (var i = 0; i < fault.LineNumber; i++)
                line += document.AsSpan(line).IndexOf((byte)'\n') + 1;
            var at = line + (int)(fault.BytePositionInLine ?? 0) - beginning.Length;
            return (Math.Clamp(at, 0, bytes.Length), Of(fault));
        }
    }

    /// <summary>The reason of a document that does not even begin as JSON.</summary>
    /// <param name="bytes">Its beginning, without white space.</param>
    internal static string NoJson(ReadOnlySpan<byte> bytes)
    {
        var line = bytes.IndexOfAny((byte)'\r', (byte)'\n') is var end and >= 0 ? bytes[..end] : bytes;
        return $"it begins with \"{Beginning(Encoding.UTF8.GetString(line[..Math.Min(line.Length, 4 * MostLetters)]), isWhole: line.Length == bytes.Length)}\", which is no JSON.";
    }

    /// <summary>The library's reason without the place that it appends, which is counted from zero and in what it was given.</summary>
    internal static string Of(JsonException fault)
    {
        var end = fault.Message.LastIndexOf(" LineNumber:", StringComparison.Ordinal);
        return Shortened(end < 0 ? fault.Message : fault.Message[..end]);
    }

    /// <summary>A message of the library, with the beginning of what it quotes: that is all that follows, where it takes it for a word.</summary>
    public static string Shortened(string message)
    {
        const string Quoted = "' is ";
        var end = message.LastIndexOf(Quoted, StringComparison.Ordinal);
        return message.StartsWith('\'') && end > MostLetters + 1 ? $"'{Beginning(message[1..end], isWhole: true)}{message[end..]}" : message;
    }

    private static string Beginning(string text, bool isWhole)
    {
        var shown = text.Length > MostLetters ? text[..MostLetters] : text;
        return string.Concat(shown.Select(letter => char.IsControl(letter) ? ' ' : letter)) + (isWhole && shown.Length == text.Length ? "" : "…");
    }
}
