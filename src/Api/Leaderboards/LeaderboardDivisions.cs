using System.Globalization;
using Serve.Api.Evaluation;
using Serve.Api.Leaderboards.Storage;
using Serve.Eval.Usb;

namespace Serve.Api.Leaderboards;

/// <summary>Submissions that compete with one another.</summary>
internal sealed record Division(string Id, string Name, string Description, IReadOnlyList<SubmissionResult> Results);

/// <summary>Which submissions compete with which, and by what.</summary>
internal static class LeaderboardDivisions
{
    private const string Undeclared = "undeclared";
    private const string Complete = "complete";

    private static UsbDivisions Rules => UsbDivisions.Default;

    /// <summary>The number that ranks.</summary>
    public static string HeadlineOf(StoredLeaderboard leaderboard)
    {
        var headline = Protocols.Find(leaderboard.Row.Protocol)!.HeadlineNumber;
        return LeaderboardRequestCheck.HasDivisions(leaderboard.Row.Protocol) && leaderboard.Datasets.Count > 1 ? $"m{headline}" : headline;
    }

    /// <summary>The divisions that have submissions.</summary>
    /// <param name="leaderboard">The leaderboard.</param>
    /// <param name="results">What is done, the newest first.</param>
    public static IReadOnlyList<Division> Of(StoredLeaderboard leaderboard, IReadOnlyList<SubmissionResult> results)
    {
        if (!LeaderboardRequestCheck.HasDivisions(leaderboard.Row.Protocol))
            return [new("all", "All", "All methods.", results)];
        var judged = Judge(results).ToList();
        var known = from result in judged
                    let division = result.Division!
                    where division is { Training: not null, Evaluation: not null }
                    group result by (division.Evaluation, division.Training) into own
                    orderby EvaluationPlace(own.Key.Evaluation!), TrainingPlace(own.Key.Training!), own.Key.Training
                    select new Division(
                        $"{own.Key.Evaluation}-{own.Key.Training}".ToLowerInvariant(), $"{own.Key.Evaluation} USB, training {own.Key.Training}",
                        DescriptionOf(own.Key.Evaluation!, own.Key.Training!), [.. own]);
        List<SubmissionResult> unknown = [.. judged.Where(result => result.Division is not { Training: not null, Evaluation: not null })];
        return unknown.Count == 0
            ? [.. known]
            : [.. known, new(Undeclared, "Undeclared", "Methods of which it is not known how they were trained or what they look at. They are listed without ranks.", unknown)];
    }

    /// <summary>The same with the divisions that they qualify for. Whoever reports the higher training division must report the lower, of the same method in the same evaluation division.</summary>
    private static IEnumerable<SubmissionResult> Judge(IReadOnlyList<SubmissionResult> results)
    {
        var alone = results.ToDictionary(result => result.Submission.Row.Id, result => result.Origin is { } origin ? UsbCheck.Of(SubmissionOf(origin, [], false), Rules) : null);
        foreach (var result in results)
        {
            if (alone[result.Submission.Row.Id] is not { } own)
            {
                yield return result with
                {
                    Division = new(null, null, Undeclared, ["It is not known how the method was trained: its model has no passport with a provenance, and nothing was declared."]),
                    IsRanked = false,
                };
                continue;
            }
            var others = results.Where(other => other != result && IsOfSameMethod(other, result) && alone[other.Submission.Row.Id]?.Evaluation.Division == own.Evaluation.Division).ToList();
            var reported = others.Select(other => alone[other.Submission.Row.Id]!.Training.Division).Distinct().ToList();
            var withoutExtraData = others.Any(other => !other.Origin!.Entry.ExtraData(Rules).Any() && alone[other.Submission.Row.Id]!.Training.Division == own.Training.Division);
            var verdict = UsbCheck.Of(SubmissionOf(result.Origin!, reported, withoutExtraData), Rules);
            yield return result with { Division = DivisionOf(verdict), IsRanked = verdict is { Training.Missing.Count: 0, Evaluation.Division: not null } };
        }
    }

    private static bool IsOfSameMethod(SubmissionResult first, SubmissionResult second)
        => first.Origin is not null && (first.Submission.Row.Submitter, first.Submission.Row.Method) == (second.Submission.Row.Submitter, second.Submission.Row.Method);

    private static SubmissionDivision DivisionOf(UsbVerdict verdict)
    {
        var status = verdict.Evaluation.Division is null ? Undeclared : verdict.Training.Missing.Count == 0 ? Complete : "incomplete";
        IEnumerable<string> missing = verdict.Training.Missing.Count == 0
            ? []
            : [$"Not ranked until submissions of the same method in the same evaluation division give {string.Join(", ", verdict.Training.Missing.Select(what => char.IsAsciiDigit(what[0]) ? $"the training division {what}" : what))}."];
        return new(verdict.Training.Division, verdict.Evaluation.Division, status, [.. missing, .. verdict.Training.Reasons, .. verdict.Evaluation.Reasons, .. verdict.Assumptions]);
    }

    private static UsbSubmission SubmissionOf(UsbOrigin origin, IReadOnlyList<string> reported, bool withoutExtraData) => new()
    {
        Entries = [origin.Entry],
        OtherAnnotations = origin.OtherAnnotations,
        Ahpo = origin.Ahpo,
        TestTimeAugmentation = origin.TestTimeAugmentation,
        Assumptions = origin.Assumptions,
        Reported = reported,
        ReportedWithoutExtraData = withoutExtraData,
    };

    private static string DescriptionOf(string evaluation, string training)
    {
        var pixels = Rules.Evaluation.First(division => division.Id == evaluation).MaxPixels.Value;
        var epochs = Rules.Training.Where(division => division.MaxEpochs.Value is not null && !division.Ahpo.Value).LastOrDefault(division => IsWithin(training, division.Id))?.MaxEpochs.Value;
        return string.Create(CultureInfo.InvariantCulture,
            $"{(pixels is null ? "Any number of" : $"At most {pixels:N0}")} pixels an image, {(epochs is null ? "any number of" : $"at most {epochs:0.##}")} epochs.");
    }

    /// <summary>Whether a label such as 1.5 is that of a division such as 1.0 with what is added to it.</summary>
    private static bool IsWithin(string label, string division)
        => decimal.TryParse(label, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && decimal.TryParse(division, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var whole) && Math.Floor(number) == Math.Floor(whole);

    private static int EvaluationPlace(string id) => Rules.Evaluation.Select(division => division.Id).ToList().IndexOf(id);

    private static decimal TrainingPlace(string id) => decimal.TryParse(id, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : decimal.MaxValue;
}
