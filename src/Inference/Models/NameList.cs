using System.Globalization;
using System.Text;

namespace Serve.Inference.Models;

/// <summary>Reads names of categories as programs write them into a file's metadata.</summary>
/// <remarks>
/// A list or a table by number, in JSON or as Python writes it (<c>{0: 'person', 1: "driver's seat"}</c>, <c>['cat', 'dog']</c>), else names separated by
/// line ends or commas.
/// </remarks>
internal static class NameList
{
    private const int Most = 100_000;

    /// <summary>Names by number; a number without a name has null. Null when the text is no such list.</summary>
    public static IReadOnlyList<string?>? Parse(string text)
    {
        var trimmed = text.Trim();
        return trimmed switch
        {
            "" => null,
            ['{', ..] or ['[', ..] or ['(', ..] => new Reader(trimmed).All(),
            _ => Separated(trimmed),
        };
    }

    private static string[]? Separated(string text)
    {
        var names = text.Split(text.Contains('\n', StringComparison.Ordinal) ? '\n' : ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.Length > 0 ? names : null;
    }

    private sealed class Reader(string text)
    {
        private int _at;

        public string?[]? All()
        {
            var isTable = text[0] == '{';
            var close = text[_at++] switch { '{' => '}', '[' => ']', _ => ')' };
            var names = new SortedDictionary<int, string>();
            for (var next = 0; ; next++)
            {
                if (Take(close))
                    break;
                if (next > 0 && !Take(','))
                    return null;
                if (Take(close))
                    break;
                var number = next;
                if (isTable && (!Number(out number) || !Take(':')))
                    return null;
                if (Quoted() is not { } name || number is < 0 or >= Most)
                    return null;
                names[number] = name;
            }

            Blanks();
            if (_at != text.Length || names.Count == 0)
                return null;
            var list = new string?[names.Keys.Max() + 1];
            foreach (var (number, name) in names)
                list[number] = name;
            return list;
        }

        /// <summary>A number, bare or in quotes as JSON wants keys.</summary>
        private bool Number(out int number)
        {
            Blanks();
            if (_at < text.Length && text[_at] is '\'' or '"')
                return int.TryParse(Quoted(), NumberStyles.None, CultureInfo.InvariantCulture, out number);
            var from = _at;
            while (_at < text.Length && char.IsAsciiDigit(text[_at]))
                _at++;
            return int.TryParse(text.AsSpan(from, _at - from), NumberStyles.None, CultureInfo.InvariantCulture, out number);
        }

        private string? Quoted()
        {
            Blanks();
            if (_at >= text.Length || text[_at] is not ('\'' or '"'))
                return null;
            var quote = text[_at++];
            var name = new StringBuilder();
            while (_at < text.Length)
            {
                var next = text[_at++];
                if (next == quote)
                    return name.ToString();
                if (next != '\\')
                    name.Append(next);
                else if (!Escape(name))
                    return null;
            }

            return null;
        }

        private bool Escape(StringBuilder name)
        {
            if (_at >= text.Length)
                return false;
            var kind = text[_at++];
            var digits = kind switch { 'x' => 2, 'u' => 4, _ => 0 };
            if (digits == 0)
            {
                name.Append(kind switch { 'n' => '\n', 't' => '\t', 'r' => '\r', _ => kind });
                return true;
            }

            if (_at + digits > text.Length || !ushort.TryParse(text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                return false;
            name.Append((char)code);
            _at += digits;
            return true;
        }

        private bool Take(char wanted)
        {
            Blanks();
            if (_at >= text.Length || text[_at] != wanted)
                return false;
            _at++;
            return true;
        }

        private void Blanks()
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at]))
                _at++;
        }
    }
}
