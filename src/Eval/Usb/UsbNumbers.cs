using Serve.Eval.Metrics;
using Serve.Eval.Reports;

namespace Serve.Eval.Usb;

/// <summary>The numbers of one dataset that are averaged over datasets; null where no ground truth counts.</summary>
/// <param name="Cap">Average precision over all sizes.</param>
/// <param name="Ap50">The same at overlap 0.5.</param>
/// <param name="Ap75">The same at overlap 0.75.</param>
/// <param name="ApSmall">Average precision of small objects (up to 32 x 32 pixels).</param>
/// <param name="ApMedium">Average precision of medium objects.</param>
/// <param name="ApLarge">Average precision of large objects (96 x 96 pixels and more).</param>
public sealed record UsbNumbers(double? Cap, double? Ap50, double? Ap75, double? ApSmall, double? ApMedium, double? ApLarge)
{
    /// <summary>The numbers of an evaluation.</summary>
    /// <exception cref="InvalidInputException">It has no CAP: another protocol made it.</exception>
    public static UsbNumbers Of(EvaluationResult evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        return Of(evaluation.Protocol.Name, evaluation.Summary.ToDictionary(number => number.Name, number => number.Value));
    }

    /// <summary>The numbers of a report that <c>evaluate --json</c> wrote.</summary>
    /// <exception cref="InvalidInputException">It has no CAP: another protocol made it.</exception>
    public static UsbNumbers Of(EvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Of(report.Protocol, report.StatsNames.Zip(report.Stats).ToDictionary(number => number.First, number => number.Second < 0 ? null : (double?)number.Second));
    }

    /// <summary>The means over the three datasets (mCAP first); null where a dataset is missing. A dataset's number that is null is left out of its mean.</summary>
    /// <param name="byDataset">The numbers there are.</param>
    public static UsbNumbers? Mean(IReadOnlyDictionary<UsbDataset, UsbNumbers> byDataset)
    {
        ArgumentNullException.ThrowIfNull(byDataset);
        if (!Enum.GetValues<UsbDataset>().All(byDataset.ContainsKey))
            return null;
        // In the order of the datasets, whatever the dictionary's.
        var all = Enum.GetValues<UsbDataset>().Select(dataset => byDataset[dataset]).ToList();
        double? Of(Func<UsbNumbers, double?> number) => PairwiseSum.Mean([.. all.Select(number).OfType<double>()]);
        return new(Of(n => n.Cap), Of(n => n.Ap50), Of(n => n.Ap75), Of(n => n.ApSmall), Of(n => n.ApMedium), Of(n => n.ApLarge));
    }

    private static UsbNumbers Of(string protocol, Dictionary<string, double?> numbers) => numbers.TryGetValue(UsbSummary.Cap, out var cap)
        ? new(
            cap, numbers.GetValueOrDefault("AP50"), numbers.GetValueOrDefault("AP75"),
            numbers.GetValueOrDefault("APs"), numbers.GetValueOrDefault("APm"), numbers.GetValueOrDefault("APl"))
        : throw new InvalidInputException($"the evaluation under {protocol} has no {UsbSummary.Cap}; evaluate under usb, usb-wod or usb-m109s.");
}
