using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Serve.Eval.Reports.Markup;

/// <summary>
/// Builds HTML or SVG. What the code says is markup; what it inserts is content and is escaped, whoever wrote it: names of categories and files come from users.
/// Only a <see cref="MarkupPiece"/> is inserted as it is.
/// </summary>
internal sealed class MarkupText
{
    private readonly StringBuilder text = new();

    /// <summary>Adds markup with content, such as <c>$"&lt;td&gt;{name}&lt;/td&gt;"</c>.</summary>
    public MarkupText Add([InterpolatedStringHandlerArgument("")] Piece piece)
    {
        // Building the argument has added it.
        _ = piece;
        return this;
    }

    /// <summary>What was added.</summary>
    public MarkupPiece ToPiece() => new(text.ToString());

    /// <summary>
    /// A text as it stands in markup, between tags and in quotes. Characters that neither HTML nor XML allow (controls, halves of surrogate pairs) become U+FFFD.
    /// </summary>
    public static string Escape(string content)
    {
        var escaped = new StringBuilder(content.Length);
        foreach (var rune in content.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '"' => escaped.Append("&quot;"),
                '\'' => escaped.Append("&#39;"),
                '\t' or '\n' => escaped.Append((char)rune.Value),
                0xFFFE or 0xFFFF => escaped.Append('\uFFFD'),
                _ when Rune.IsControl(rune) => escaped.Append('\uFFFD'),
                _ => escaped.Append(rune.ToString()),
            };
        }
        return escaped.ToString();
    }

    /// <summary>The pieces of an interpolated string: the compiler hands them over one by one.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Piece
    {
        private readonly StringBuilder text;

        /// <summary>Called by the compiler.</summary>
        public Piece(int literalLength, int formattedCount, MarkupText target)
        {
            text = target.text;
            text.EnsureCapacity(text.Length + literalLength + (formattedCount * 8));
        }

        /// <summary>Markup.</summary>
        public void AppendLiteral(string markup) => text.Append(markup);

        /// <summary>Finished markup.</summary>
        public void AppendFormatted(MarkupPiece markup) => text.Append(markup.Text);

        /// <summary>Content.</summary>
        public void AppendFormatted(string? content) => text.Append(Escape(content ?? ""));

        /// <summary>A number.</summary>
        public void AppendFormatted(long number) => text.Append(number.ToString(CultureInfo.InvariantCulture));

        /// <summary>A number.</summary>
        public void AppendFormatted(long number, string format) => text.Append(number.ToString(format, CultureInfo.InvariantCulture));

        /// <summary>A number, in two decimals where nothing else is said.</summary>
        public void AppendFormatted(double number, string format = "0.##") => text.Append(number.ToString(format, CultureInfo.InvariantCulture));
    }
}
