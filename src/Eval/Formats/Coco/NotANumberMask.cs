namespace Serve.Eval.Formats.Coco;

/// <summary>
/// Turns <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c>, which some programs write and JSON does not know, into texts of the same length, so that a
/// parser goes on behind them and the fault can be told with its record.
/// </summary>
internal sealed class NotANumberMask
{
    private static ReadOnlySpan<byte> NaN => "NaN"u8;

    private static ReadOnlySpan<byte> Infinity => "Infinity"u8;

    private bool inText;

    /// <summary>What a masked number reads as; null for every other text.</summary>
    public static string? Unmask(string? text) => text switch
    {
        "N" => "NaN",
        "Infini" => "Infinity",
        "-Infini" => "-Infinity",
        _ => null,
    };

    /// <summary>Masks a part of a document in place. Parts are given in order.</summary>
    /// <param name="window">The document's bytes.</param>
    /// <param name="from">Where the part that was not looked at begins.</param>
    /// <param name="isFinal">Whether the document ends here; if not, a number that may be cut off is left for later.</param>
    /// <returns>Where the next part begins; it may lie one byte behind the window.</returns>
    public int Apply(Span<byte> window, int from, bool isFinal)
    {
        var at = from;
        while (at < window.Length)
        {
            var found = inText ? window[at..].IndexOfAny((byte)'"', (byte)'\\') : window[at..].IndexOfAny((byte)'"', NaN[0], Infinity[0]);
            if (found < 0)
                return window.Length;
            at += found;
            switch (window[at])
            {
                case (byte)'\\':
                    at += 2;
                    break;
                case (byte)'"':
                    inText = !inText;
                    at++;
                    break;
                default:
                    var word = window[at] == NaN[0] ? NaN : Infinity;
                    if (window.Length - at < word.Length && !isFinal)
                        return at;
                    if (window[at..].StartsWith(word))
                        Quote(window, at > 0 && word == Infinity && window[at - 1] == '-' ? at - 1 : at, at + word.Length - 1);
                    at += word.Length;
                    break;
            }
        }
        return at;
    }

    // -Infinity becomes "-Infini": the quotes take the places of the last letter and of the sign or first letter.
    private static void Quote(Span<byte> window, int first, int last)
    {
        var text = window[first] == '-' ? "\"-Infini\""u8 : window[first] == NaN[0] ? "\"N\""u8 : "\"Infini\""u8;
        text.CopyTo(window[first..(last + 1)]);
    }
}
