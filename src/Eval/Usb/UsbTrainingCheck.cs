using System.Globalization;
using static System.FormattableString;

namespace Serve.Eval.Usb;

/// <summary>Finds the training division of a submission.</summary>
internal sealed class UsbTrainingCheck
{
    private readonly UsbSubmission submission;
    private readonly UsbDivisions rules;
    private readonly double chain;
    private readonly double target;
    private readonly UsbTrainingLabel label;
    private readonly string[] extraData;

    public UsbTrainingCheck(UsbSubmission submission, UsbDivisions rules)
    {
        (this.submission, this.rules) = (submission, rules);
        chain = submission.Entries.Max(entry => entry.ChainEpochs(rules));
        target = submission.Entries.Max(entry => entry.TargetEpochs);
        label = LabelOf(chain, HasOther, submission.Ahpo);
        extraData = [.. submission.Entries.SelectMany(entry => entry.ExtraData(rules)).Distinct()];
    }

    private bool HasOther => submission.OtherAnnotations.Count > 0;

    private bool IsFree => label.Division.MaxEpochs.Value is null;

    public UsbTrainingVerdict Verdict()
    {
        List<string> missing = [.. label.Requires.Where(required => !IsReported(required))];
        if (extraData.Length > 0 && !submission.ReportedWithoutExtraData && !IsFree)
            missing.Add($"results without {string.Join(", ", extraData)}");
        return new(label.Id, missing, chain, target, LabelOf(target, HasOther, submission.Ahpo).Id, [.. Reasons()], [.. Next(missing)]);
    }

    private UsbTrainingLabel LabelOf(double epochs, bool otherAnnotations, bool ahpo) => rules.TrainingOf(epochs, otherAnnotations, ahpo);

    /// <summary>A method that needs other annotations cannot give results without: those with them stand for the ones that are asked for.</summary>
    private bool IsReported(string required) => submission.Reported.Contains(required)
        || (HasOther && decimal.TryParse(required, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && submission.Reported.Contains(UsbDivisions.Name(number + rules.Bonuses.OtherAnnotations.Value)));

    private IEnumerable<string> Reasons()
    {
        foreach (var entry in submission.Entries)
        {
            var parts = entry.Trained.Select(training => Invariant($"{training.Epochs:0.##} on {training.Dataset}"))
                .Concat(entry.Pretrained.Select(training => Invariant($"before that {training.Epochs:0.##} on {training.Dataset}{(rules.CountsEpochs(training.Dataset) ? "" : " (not counted)")}")));
            var chained = Invariant($"{entry.Model}: {entry.ChainEpochs(rules):0.##} epochs");
            yield return entry.Datasets is null ? $"{chained}." : $"{chained}: {string.Join(", ", parts)}.";
            if (entry.Datasets is { Count: 0 })
                yield return $"{entry.Model}: trained on none of {string.Join(", ", rules.Datasets.Select(dataset => dataset.Name))}; the division is that of its training, and its numbers are not averaged.";
        }
        yield return IsFree
            ? Invariant($"more than {rules.Training.Max(division => division.MaxEpochs.Value):0.##} epochs: {label.Division.Id}.")
            : Invariant($"at most {label.Division.MaxEpochs.Value:0.##} epochs: {UsbVerdict.Label(label.Division.Id)}.");
        if (HasOther && !IsFree)
            yield return Invariant($"trained with {string.Join(", ", submission.OtherAnnotations)}, not with boxes alone: {rules.Bonuses.OtherAnnotations.Value} more.");
        if (submission.Ahpo && !IsFree)
            yield return Invariant($"aggressive hyper-parameter optimisation: {rules.Bonuses.Ahpo.Value} more.");
        if (extraData.Length > 0)
            yield return $"data outside the benchmark: {string.Join(", ", extraData)}; results with and without must be reported.";
    }

    private IEnumerable<string> Next(List<string> missing)
    {
        if (missing.Count > 0)
            yield return $"a complete {UsbVerdict.Label(label.Id)} needs {string.Join(", ", missing)}.";
        var limited = rules.Training.Where(division => !division.Ahpo.Value && division.MaxEpochs.Value is not null).ToList();
        var at = IsFree ? limited.Count : limited.IndexOf(label.Division);
        if (at > 0)
            yield return Invariant($"{UsbVerdict.Label(limited[at - 1].Id)} allows at most {limited[at - 1].MaxEpochs.Value:0.##} epochs; there are {chain:0.##}.");
        var byTarget = LabelOf(target, HasOther, submission.Ahpo).Id;
        if (byTarget != label.Id)
            yield return Invariant($"{UsbVerdict.Label(byTarget)} if only the {target:0.##} epochs on the target counted; the paper may be read either way.");
        if (HasOther && !IsFree)
            yield return $"{UsbVerdict.Label(LabelOf(chain, false, submission.Ahpo).Id)} without {string.Join(", ", submission.OtherAnnotations)}; report that too if the method allows.";
        if (submission.Ahpo && !IsFree)
            yield return $"{UsbVerdict.Label(LabelOf(chain, HasOther, false).Id)} without aggressive hyper-parameter optimisation.";
        if (IsFree)
            yield break;
        var above = LabelOf(at + 1 < limited.Count ? limited[at + 1].MaxEpochs.Value!.Value : double.PositiveInfinity, HasOther, submission.Ahpo);
        var asks = above.Requires.Count == 0 ? "" : $", which asks for results at {string.Join(", ", above.Requires)} too";
        yield return Invariant($"up to {label.Division.MaxEpochs.Value:0.##} epochs stay in {UsbVerdict.Label(label.Id)}; more would be {UsbVerdict.Label(above.Id)}{asks}.");
    }
}
