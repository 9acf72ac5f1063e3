using System.Text;

namespace Serve.Training.Checkpoints;

/// <summary>What came of reading a backbone's weights from a file.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Layout">Whose keys it has: own, torchvision, res2net, detectron2 or detectron.</param>
/// <param name="Prefix">What stands before each name in the file.</param>
/// <param name="Taken">Tensors of the backbone that were found.</param>
/// <param name="Missing">Tensors of the backbone that were not, a sentence each.</param>
/// <param name="LeftOver">Tensors of the file that no part of the backbone asked for.</param>
/// <param name="Mismatched">Tensors of another shape, a sentence each.</param>
/// <param name="Reasons">Why it cannot be used, as far as that can be told.</param>
/// <param name="Notes">What was changed on the way, and what the file does not say.</param>
public sealed record ImportReport(
    string File, string Layout, string Prefix, int Taken, IReadOnlyList<string> Missing, IReadOnlyList<string> LeftOver, IReadOnlyList<string> Mismatched,
    IReadOnlyList<string> Reasons, IReadOnlyList<string> Notes)
{
    private const int LongestList = 8;

    /// <summary>The report as text, a line for each kind of finding.</summary>
    public string Describe()
    {
        var text = new StringBuilder($"{File}: {Layout} keys{(Prefix.Length > 0 ? $" behind \"{Prefix}\"" : "")}, {Taken} tensors of the backbone found.");
        Add("", Reasons, "\n  ");
        Add("Missing: ", Missing, "\n    ");
        Add("Of another shape: ", Mismatched, "\n    ");
        Add("Left over: ", LeftOver, ", ");
        Add("", Notes, "\n  ");
        return text.ToString();

        void Add(string title, IReadOnlyList<string> lines, string between)
        {
            if (lines.Count > 0)
                text.Append("\n  ").Append(title).AppendJoin(between, lines.Take(LongestList)).Append(lines.Count > LongestList ? $"{between}and {lines.Count - LongestList} more" : "");
        }
    }
}
