using System.CommandLine;

namespace Serve.EvalCli;

/// <summary>A command line as a person would type it again.</summary>
internal static class CommandText
{
    private const string Plain = "-_./:=,+@%";
    private const string Hidden = "KEY";

    /// <summary>The line; of absolute paths only the names stand in it, because reports are passed on, and nothing of what is secret.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="secret">The value that is left out; null for none.</param>
    public static string Of(ParseResult parsed, string? secret = null)
        => string.Join(' ', parsed.Tokens.Select(token => token.Value == secret ? Hidden : Quoted(Path.IsPathRooted(token.Value) ? Path.GetFileName(token.Value) : token.Value)).Prepend("./serve"));

    private static string Quoted(string word)
        => word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || Plain.Contains(letter, StringComparison.Ordinal)) ? word
            : $"'{word.Replace("'", """'\''""", StringComparison.Ordinal)}'";
}
