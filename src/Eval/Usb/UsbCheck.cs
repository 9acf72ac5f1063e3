using static System.FormattableString;

namespace Serve.Eval.Usb;

/// <summary>Finds the divisions that a submission qualifies for, and says why, and why not for the next. Divisions are labels: no number depends on them.</summary>
public static class UsbCheck
{
    /// <summary>Checks a submission.</summary>
    /// <param name="submission">At least one model.</param>
    /// <param name="rules">The benchmark's rules.</param>
    public static UsbVerdict Of(UsbSubmission submission, UsbDivisions rules)
    {
        ArgumentNullException.ThrowIfNull(submission);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentOutOfRangeException.ThrowIfZero(submission.Entries.Count);
        return new(new UsbTrainingCheck(submission, rules).Verdict(), Evaluation(submission, rules), submission.Results, submission.Assumptions);
    }

    private static UsbEvaluationVerdict Evaluation(UsbSubmission submission, UsbDivisions rules)
    {
        var known = submission.Entries.Where(entry => entry.MaxPixels is not null).ToList();
        List<string> reasons =
        [
            .. known.Select(entry => Invariant($"{entry.Model}: at most {entry.MaxPixels:N0} pixels an image, before padding.")),
            .. submission.Entries.Where(entry => entry.MaxPixels is null).Select(entry => $"{entry.Model}: the size of its images is not known."),
        ];
        if (submission.TestTimeAugmentation)
            reasons.Add("Test-time augmentation: the largest scale counts, and results carry the mark.");
        if (known.Count < submission.Entries.Count)
            return new(null, submission.TestTimeAugmentation, null, reasons, []);
        var pixels = known.Max(entry => entry.MaxPixels!.Value);
        var division = rules.EvaluationOf(pixels);
        return new(division.Id, submission.TestTimeAugmentation, pixels, reasons, [.. NextEvaluation(rules, division, pixels)]);
    }

    private static IEnumerable<string> NextEvaluation(UsbDivisions rules, UsbEvaluationDivision division, long pixels)
    {
        var at = rules.Evaluation.ToList().IndexOf(division);
        if (at > 0)
            yield return Invariant($"{rules.Evaluation[at - 1].Id} allows at most {rules.Evaluation[at - 1].MaxPixels.Value:N0} pixels; there are {pixels:N0}.");
        if (division.MaxPixels.Value is { } limit)
            yield return Invariant($"up to {limit:N0} pixels stay in {division.Id}; more would be {rules.Evaluation[at + 1].Id}.");
    }
}
