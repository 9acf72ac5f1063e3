using System.Globalization;
using System.Text;

namespace Serve.Eval.Usb;

/// <summary>Writes the divisions as tables for a terminal, with the source of each number.</summary>
internal static class UsbDivisionsText
{
    /// <summary>The tables, each line ended.</summary>
    public static string Of(UsbDivisions rules)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Rules of USB, version {rules.Version}").AppendLine().AppendLine();
        Table(text, ["training", "epochs", "ahpo", "report too", "typical"], rules.Training.Select(division => (string[])
        [
            UsbVerdict.Label(division.Id), Limit(division.MaxEpochs.Value, division.MaxEpochs.Source), $"{(division.Ahpo.Value ? "yes" : "no")} [{division.Ahpo.Source}]",
            $"{(division.Requires.Value.Count == 0 ? "-" : string.Join(", ", division.Requires.Value))} [{division.Requires.Source}]", division.Typical.Value,
        ]));
        var (other, ahpo) = (rules.Bonuses.OtherAnnotations, rules.Bonuses.Ahpo);
        text.Append(CultureInfo.InvariantCulture, $" Annotations other than boxes add {other.Value} [{other.Source}], aggressive hyper-parameter optimisation (ahpo) adds {ahpo.Value} [{ahpo.Source}].").AppendLine().AppendLine();
        Table(text, ["evaluation", "pixels", "typical"], rules.Evaluation.Select(division => (string[])
            [division.Id, Limit(division.MaxPixels.Value, division.MaxPixels.Source), division.TypicalScale?.Value ?? "-"]));
        text.AppendLine();
        Table(text, ["dataset", "detections", "empty images", "protocol"], rules.Datasets.Select(dataset => (string[])
        [
            dataset.Name, $"{string.Join(", ", dataset.MaxDetections.Value)} [{dataset.MaxDetections.Source}]",
            $"{(dataset.FilterEmpty.Value ? "left out" : "evaluated")} [{dataset.FilterEmpty.Source}]", rules.ProtocolOf(dataset.Id).Name,
        ]));
        text.AppendLine();
        foreach (var (tag, meaning) in rules.Sources)
            text.Append(CultureInfo.InvariantCulture, $" [{tag}] {meaning}").AppendLine();
        return text.ToString();
    }

    private static string Limit(double? most, string source) => string.Create(CultureInfo.InvariantCulture, $"{(most is null ? "any" : $"{most:#,0.##}")} [{source}]");

    private static void Table(StringBuilder text, string[] headings, IEnumerable<string[]> rows)
    {
        List<string[]> all = [headings, .. rows];
        int[] widths = [.. Enumerable.Range(0, headings.Length).Select(column => all.Max(row => row[column].Length))];
        foreach (var row in all)
            text.Append(' ').AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
