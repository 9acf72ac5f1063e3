using System.Globalization;
using System.Text;
using System.Text.Json;
using Serve.Eval.Metrics;

namespace Serve.Eval.Usb;

/// <summary>The numbers of a method on the datasets of the benchmark, and their means.</summary>
/// <param name="Datasets">The numbers there are.</param>
public sealed record UsbResults(IReadOnlyDictionary<UsbDataset, UsbNumbers> Datasets)
{
    private const int NumberWidth = 8;

    /// <summary>Datasets without numbers.</summary>
    public IReadOnlyList<UsbDataset> Missing => [.. Enum.GetValues<UsbDataset>().Where(dataset => !Datasets.ContainsKey(dataset))];

    /// <summary>The means over the three datasets (mCAP first); null where a dataset is missing. A dataset's number that is null is left out of its mean.</summary>
    public UsbNumbers? Mean
    {
        get
        {
            if (Missing.Count > 0)
                return null;
            var all = Enum.GetValues<UsbDataset>().Select(dataset => Datasets[dataset]).ToList();
            double? Of(Func<UsbNumbers, double?> number) => PairwiseSum.Mean([.. all.Select(number).OfType<double>()]);
            return new(Of(n => n.Cap), Of(n => n.Ap50), Of(n => n.Ap75), Of(n => n.ApSmall), Of(n => n.ApMedium), Of(n => n.ApLarge));
        }
    }

    /// <summary>The numbers as JSON: full precision, camelCase names, null for no number.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, UsbJson.Default.UsbResults);

    /// <summary>The numbers as a table for a terminal.</summary>
    /// <param name="rules">Names of the datasets.</param>
    public string ToText(UsbDivisions rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var text = new StringBuilder();
        if (Datasets.Count > 0)
            Row(text, "", "CAP", "AP50", "AP75", "APs", "APm", "APl", "KAP");
        foreach (var (dataset, numbers) in Datasets.OrderBy(pair => pair.Key))
            Row(text, rules.Of(dataset).Name, numbers);
        if (Mean is { } mean)
        {
            Row(text, "mean", mean);
            text.Append(CultureInfo.InvariantCulture, $" mCAP {Text(mean.Cap)}: the mean of CAP.").AppendLine();
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $" mCAP is undefined: there are no results on {string.Join(", ", Missing.Select(dataset => rules.Of(dataset).Name))}.").AppendLine();
        }
        return text.ToString();
    }

    private static void Row(StringBuilder text, string name, UsbNumbers n)
        => Row(text, name, [.. ((double?[])[n.Cap, n.Ap50, n.Ap75, n.ApSmall, n.ApMedium, n.ApLarge, n.Kap]).Select(Text)]);

    private static string Text(double? number) => number?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-";

    private static void Row(StringBuilder text, string name, params ReadOnlySpan<string> cells)
    {
        text.Append(' ').Append(name.PadRight("M109s".Length));
        foreach (var cell in cells)
            text.Append(cell.PadLeft(NumberWidth));
        text.AppendLine();
    }
}
