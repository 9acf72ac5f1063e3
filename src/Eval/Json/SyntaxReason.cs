using System.Text;
using System.Text.Json;

namespace Serve.Eval.Json;

/// <summary>
/// Finds out why the scanner could not go on. The scanner itself only knows that something is wrong in a record; the library's reader goes over that
/// record once more and says what, in words that people know from elsewhere.
/// </summary>
internal static class SyntaxReason
{
    /// <summary>Looks for the fault.</summary>
    /// <param name="beginning">The beginning of a document that leads to where the bytes go on.</param>
    /// <param name="bytes">The bytes that the scanner did not get over.</param>
    /// <param name="isFinal">Whether the document ends with them.</param>
    /// <returns>Place in the bytes, and the reason; null where there is no fault before their end.</returns>
    public static (int At, string Reason)? Find(string beginning, ReadOnlySpan<byte> bytes, bool isFinal)
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
            // The library appends the place, counted from zero and in what it was given.
            return (Math.Clamp(at, 0, bytes.Length), fault.Message.Split(" LineNumber:")[0]);
        }
    }
}
