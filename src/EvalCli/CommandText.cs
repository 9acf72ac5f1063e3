using System.CommandLine;

namespace Serve.EvalCli;

/// <summary>A command line as a person would type it again.</summary>
internal static class CommandText
{
    private const string Plain = "-_./:=,+@%";

    /// <summary>The line; of absolute paths only the names stand in it, because reports are passed on.</summary>
    public static string Of(ParseResult parsed)
        => string.Join(' ', parsed.Tokens.Select(token => Quoted(Path.IsPathRooted(token.Value) ? Path.GetFileName(token.Value) : token.Value)).Prepend("./serve"));

    private static string Quoted(string word)
        => word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || Plain.Contains(letter, StringComparison.Ordinal)) ? word
            : $"'{word.Replace("'", """'\''""", StringComparison.Ordinal)}'";
}
