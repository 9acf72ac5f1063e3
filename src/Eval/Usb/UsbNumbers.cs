using Serve.Eval.Reports;

namespace Serve.Eval.Usb;

/// <summary>The numbers of one dataset that are averaged over datasets; null where no ground truth counts.</summary>
/// <param name="Cap">Average precision over all sizes.</param>
/// <param name="Ap50">The same at overlap 0.5.</param>
/// <param name="Ap75">The same at overlap 0.75.</param>
/// <param name="ApSmall">Average precision of small objects (up to 32 x 32 pixels).</param>
/// <param name="ApMedium">Average precision of medium objects.</param>
/// <param name="ApLarge">Average precision of large objects (96 x 96 pixels and more).</param>
/// <param name="Kap">Average precision by the rules of KITTI; only on Waymo's data, and not averaged.</param>
public sealed record UsbNumbers(double? Cap, double? Ap50, double? Ap75, double? ApSmall, double? ApMedium, double? ApLarge, double? Kap = null)
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

    private static UsbNumbers Of(string protocol, Dictionary<string, double?> numbers) => numbers.TryGetValue(UsbSummary.Cap, out var cap)
        ? new(
            cap, numbers.GetValueOrDefault("AP50"), numbers.GetValueOrDefault("AP75"),
            numbers.GetValueOrDefault("APs"), numbers.GetValueOrDefault("APm"), numbers.GetValueOrDefault("APl"), numbers.GetValueOrDefault(UsbSummary.Kap))
        : throw new InvalidInputException($"the evaluation under {protocol} has no {UsbSummary.Cap}; evaluate under usb, usb-wod or usb-m109s.");
}
