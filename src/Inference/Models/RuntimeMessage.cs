using System.Text.RegularExpressions;

namespace Serve.Inference.Models;

/// <summary>Messages of ONNX Runtime, which stand in each other and name places of its source.</summary>
internal static partial class RuntimeMessage
{
    private const int Longest = 300;

    /// <summary>The innermost cause: without codes, the model's path, places in the runtime's source, and the machine's name.</summary>
    public static string Cause(string message)
    {
        var whole = Blanks().Replace(message, " ");
        var text = Code().Split(whole)[^1].Trim();
        text = ModelFile().Replace(text, "").Replace("Exception during initialization: ", "", StringComparison.Ordinal);
        text = Node().Replace(text, node => $"{node.Groups[1].Value} node{(node.Groups[2].Length == 0 ? "" : $" '{node.Groups[2].Value}'")}: ");
        text = Condition().Replace(text, "");
        text = SourcePlace().Replace(text, "");
        text = Ending().Replace(text, "").Trim();

        // What is left of a message that is nothing but a code is no cause.
        if (text.Length == 0)
            text = whole.Trim();
        return text.Length > Longest ? text[..Longest] : text;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    // [ErrorCode:Fail], [ONNXRuntimeError] : 1 : FAIL :
    [GeneratedRegex(@"\[ErrorCode:\w+\] |\[ONNXRuntimeError\] : \d+ : \w+ : ")]
    private static partial Regex Code();

    [GeneratedRegex(@"\ALoad model from .*? failed: ?")]
    private static partial Regex ModelFile();

    [GeneratedRegex(@"\ANon-zero status code returned while running (\w+) node\. Name:'([^']*)' Status Message: ")]
    private static partial Regex Node();

    // A file, a line and a function, as compilers write it or by its name alone: x.h:91 ns::Type::Do(const T&, int), y.cc:461 Do.
    private const string Place = @"\S+\.(?:cc|cpp|cu|cuh|h):\d+ (?:(?:(?:[\w<>,*&~\[\]=]|::)+ )*(?:[\w<>,*&~]|::)+\([^()]*(?:\([^()]*\)[^()]*)*\)(?: const)?(?: \[with [^\]]*\])?|\w+) ";

    [GeneratedRegex(Place)]
    private static partial Regex SourcePlace();

    // What the runtime found not to hold, where it says in words too what that means.
    [GeneratedRegex(Place + @"(?:(?! was false\.).)+ was false\. (?=\S)")]
    private static partial Regex Condition();

    // CUDA's errors go on with the machine's name and the runtime's source.
    [GeneratedRegex(@" ?; GPU=-?\d+ ?; hostname=.*\z| ?Please fix either the inputs/outputs or the model\.")]
    private static partial Regex Ending();
}
