using System.Globalization;

namespace Serve.Eval.Usb;

/// <summary>Checks a file of rules.</summary>
internal static class UsbDivisionFaults
{
    /// <summary>What is wrong, a phrase each.</summary>
    public static IEnumerable<string> Of(UsbDivisions rules) => Training(rules).Concat(Evaluation(rules)).Concat(Datasets(rules)).Concat(Sources(rules));

    private static IEnumerable<string> Training(UsbDivisions rules)
    {
        var limited = rules.Training.Where(division => division.MaxEpochs.Value is not null).ToList();
        if (rules.Training.Count(division => division.MaxEpochs.Value is null) != 1)
            yield return "training: exactly one division must have no limit of epochs (null)";
        if (!limited.Any(division => !division.Ahpo.Value))
            yield return "training: no division with a limit of epochs does without ahpo";
        foreach (var division in limited.Where(division => !decimal.TryParse(division.Id, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)))
            yield return $"training: \"{division.Id}\" is no number; a division with a limit of epochs is numbered";
        if (!IsRising(limited.Where(division => !division.Ahpo.Value).Select(division => division.MaxEpochs.Value!.Value)))
            yield return "training: limits of epochs must be above 0 and rise";
        foreach (var division in rules.Training)
        {
            foreach (var required in (division.Requires.Value ?? []).Where(id => rules.Training.All(other => other.Id != id)))
                yield return $"training: \"{division.Id}\" requires \"{required}\", which is not listed";
        }
        if (rules.Bonuses.OtherAnnotations.Value <= 0 || rules.Bonuses.Ahpo.Value <= 0)
            yield return "bonuses: must be above 0";
    }

    private static IEnumerable<string> Evaluation(UsbDivisions rules)
    {
        if (rules.Evaluation.Count == 0 || rules.Evaluation[^1].MaxPixels.Value is not null || rules.Evaluation.Take(rules.Evaluation.Count - 1).Any(division => division.MaxPixels.Value is null))
            yield return "evaluation: the last division, and no other, must have no limit of pixels (null)";
        else if (!IsRising(rules.Evaluation.Take(rules.Evaluation.Count - 1).Select(division => (double)division.MaxPixels.Value!.Value)))
            yield return "evaluation: limits of pixels must be above 0 and rise";
    }

    private static IEnumerable<string> Datasets(UsbDivisions rules)
    {
        if (!rules.Datasets.Select(dataset => dataset.Id).Order().SequenceEqual(Enum.GetValues<UsbDataset>()))
            yield return "datasets: must be coco, wod and m109s, each once";
    }

    private static IEnumerable<string> Sources(UsbDivisions rules)
    {
        IEnumerable<string?> used =
        [
            .. rules.Training.SelectMany(division => (string[])[division.MaxEpochs.Source, division.Ahpo.Source, division.Requires.Source, division.Typical.Source]),
            rules.Bonuses.OtherAnnotations.Source, rules.Bonuses.Ahpo.Source,
            .. rules.FreeData.SelectMany(data => (string[])[data.IsFree.Source, data.CountsEpochs.Source]),
            .. rules.Evaluation.SelectMany(division => (string?[])[division.MaxPixels.Source, division.TypicalScale?.Source]),
            .. rules.Datasets.SelectMany(dataset =>
                (string?[])[dataset.Categories?.Source, dataset.MaxDetections.Source, dataset.FilterEmpty.Source, dataset.TestScale.Source]),
            .. rules.Datasets.SelectMany(dataset => dataset.Splits)
                .SelectMany(split => (string?[])[split.Role.Source, split.Images?.Source, split.Volumes?.Source, split.Books?.Source]),
        ];
        foreach (var source in used.OfType<string>().Distinct().Where(source => !rules.Sources.ContainsKey(source)))
            yield return $"sources: \"{source}\" is used and not explained";
    }

    private static bool IsRising(IEnumerable<double> limits)
    {
        var before = 0.0;
        foreach (var limit in limits)
        {
            if (!(limit > before))
                return false;
            before = limit;
        }
        return true;
    }
}
