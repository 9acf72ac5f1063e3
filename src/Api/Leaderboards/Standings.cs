using System.Collections.Concurrent;
using System.Text.Json;
using Serve.Api.Evaluation;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Jobs;
using Serve.Api.Leaderboards.Storage;
using Serve.Api.Wire;
using Serve.Eval.Statistics;

namespace Serve.Api.Leaderboards;

/// <summary>The tables of a leaderboard at one moment.</summary>
/// <param name="Revision">What they follow from.</param>
/// <param name="Divisions">The tables.</param>
/// <param name="Metrics">The numbers of their rows.</param>
/// <param name="Results">All submissions that are done, also those that are history, by id.</param>
internal sealed record Standing(
    LeaderboardRevision Revision, IReadOnlyList<LeaderboardDivision> Divisions, IReadOnlyList<string> Metrics, IReadOnlyDictionary<string, SubmissionResult> Results)
{
    /// <summary>Rows that are ranked.</summary>
    public int Ranked => Divisions.Sum(division => division.Rows.Count(row => row.Rank is not null));

    /// <summary>The highest headline; null while there is none.</summary>
    public BestMethod? Best => Divisions.SelectMany(division => division.Rows).Where(row => row.Rank is not null).MaxBy(row => row.Headline.Value) is { } best
        ? new(best.Method, best.Headline.Value!.Value)
        : null;
}

/// <summary>
/// Ranks the submissions of leaderboards, when they are asked for. Kept in memory as long as nothing they follow from has changed; what was read of submissions that are
/// done never changes.
/// </summary>
internal sealed class Standings(SubmissionStore submissions)
{
    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);

    /// <summary>The tables as they are now.</summary>
    public async Task<Standing> OfAsync(StoredLeaderboard leaderboard, CancellationToken ct)
    {
        var revision = await submissions.RevisionAsync(leaderboard.Row.Name, ct);
        var kept = _kept.GetOrAdd(leaderboard.Row.Name, _ => new());
        if (kept.IsOf(leaderboard, revision) is { } same)
            return same;
        await kept.Turn.WaitAsync(ct);
        try
        {
            if (kept.IsOf(leaderboard, revision) is { } made)
                return made;
            var standing = await MakeAsync(leaderboard, revision, kept.ResultsOf(leaderboard), ct);
            kept.Set(leaderboard, standing);
            return standing;
        }
        finally
        {
            kept.Turn.Release();
        }
    }

    private async Task<Standing> MakeAsync(
        StoredLeaderboard leaderboard, LeaderboardRevision revision, IReadOnlyDictionary<string, SubmissionResult> known, CancellationToken ct)
    {
        var done = (await submissions.ListAsync(leaderboard.Row.Name, ct)).Where(submission => submission.State == SubmissionState.Done).ToList();
        var scores = await submissions.ScoresAsync([.. done.Where(submission => !known.ContainsKey(submission.Row.Id)).SelectMany(submission => submission.Evaluations).Select(row => row.Id)], ct);
        var results = done.ToDictionary(
            submission => submission.Row.Id, submission => known.GetValueOrDefault(submission.Row.Id) ?? SubmissionResult.Of(submission, scores));
        string[] metrics = [.. results.Values.SelectMany(result => result.Metrics.Keys).Distinct()];
        var divisions = LeaderboardDivisions.Of(leaderboard, [.. done.Select(submission => results[submission.Row.Id])]);
        foreach (var judged in divisions.SelectMany(division => division.Results))
            results[judged.Submission.Row.Id] = judged;
        var tables = await Task.Run(() => divisions.Select(division => TableOf(division, ct)).ToList(), ct);
        return new(revision, tables, metrics.Length == 0 ? [LeaderboardDivisions.HeadlineOf(leaderboard)] : metrics, results);
    }

    private static LeaderboardDivision TableOf(Division division, CancellationToken ct)
    {
        // Of one submitter's submissions of one method the newest counts; they come newest first.
        var methods = division.Results.GroupBy(result => (result.Submission.Row.Submitter, result.Submission.Row.Method)).ToList();
        List<SubmissionResult> ranked = [.. methods.Select(method => method.First()).Where(result => result is { Samples: not null, IsRanked: true })];
        var ranks = PairedRanks.Of([.. ranked.Select(result => result.Samples!)], threads: SpareCores.Threads, ct: ct);
        var rankOf = ranked.Zip(ranks).ToDictionary(pair => pair.First.Submission.Row.Id, pair => pair.Second);
        List<LeaderboardEntry> rows = [.. methods.Select(method => EntryOf([.. method], rankOf))];
        return new(
            division.Id, division.Name, division.Description,
            [.. rows.Select(row => row with { IsPareto = IsPareto(row, rows) }).OrderBy(row => row.Rank ?? int.MaxValue).ThenByDescending(row => row.Headline.Value ?? double.MinValue).ThenBy(row => row.Submission, StringComparer.Ordinal)]);
    }

    /// <summary>Whether no other row is at least as accurate and as fast, and better in one. What runs on another processor is not compared.</summary>
    private static bool IsPareto(LeaderboardEntry row, List<LeaderboardEntry> rows)
        => row is { Rank: not null, Latency: { } own, Headline.Value: { } value } && !rows.Exists(other =>
            other is { Rank: not null, Latency: { } latency, Headline.Value: { } reached } && latency.Device == own.Device && reached >= value && latency.P50Ms <= own.P50Ms
            && (reached > value || latency.P50Ms < own.P50Ms));

    private static LeaderboardEntry EntryOf(IReadOnlyList<SubmissionResult> method, Dictionary<string, int> rankOf)
    {
        var (newest, row) = (method[0], method[0].Submission.Row);
        return new()
        {
            Rank = rankOf.TryGetValue(row.Id, out var rank) ? rank : null,
            Submission = row.Id,
            Method = row.Method,
            Submitter = row.Submitter,
            Kind = row.Kind,
            Model = row.Model,
            ModelVersion = row.ModelVersion,
            SubmittedAt = SubmissionMapping.Utc(row.SubmittedAt),
            Headline = newest.Headline,
            Metrics = newest.Metrics,
            Datasets = newest.Datasets,
            Latency = newest.Submission.Evaluations.Select(EvaluationMapping.LatencyOf).FirstOrDefault(latency => latency is not null),
            IsPareto = false,
            Declared = row.Declared,
            Division = newest.Division,
            History =
            [
                .. method.Skip(1).Select(earlier => new EarlierSubmission(
                    earlier.Submission.Row.Id, SubmissionMapping.Utc(earlier.Submission.Row.SubmittedAt), earlier.Submission.Row.Model, earlier.Submission.Row.ModelVersion, earlier.Headline)),
            ],
        };
    }

    /// <summary>What was made last of one leaderboard.</summary>
    private sealed class Kept
    {
        private (DateTime Opened, Standing Standing)? _last;

        public SemaphoreSlim Turn { get; } = new(1);

        /// <summary>What was made last, if it is of this leaderboard, and not one of its name before it, and of this revision.</summary>
        public Standing? IsOf(StoredLeaderboard leaderboard, LeaderboardRevision revision)
            => _last is { } last && last.Opened == leaderboard.Row.CreatedAt && last.Standing.Revision == revision ? last.Standing : null;

        public IReadOnlyDictionary<string, SubmissionResult> ResultsOf(StoredLeaderboard leaderboard)
            => _last is { } last && last.Opened == leaderboard.Row.CreatedAt ? last.Standing.Results : new Dictionary<string, SubmissionResult>();

        public void Set(StoredLeaderboard leaderboard, Standing standing) => _last = (leaderboard.Row.CreatedAt, standing);
    }
}

/// <summary>What came of a submission that is done.</summary>
/// <param name="Submission">The submission.</param>
/// <param name="Headline">The number that ranks.</param>
/// <param name="Metrics">All numbers; of several datasets their means.</param>
/// <param name="Datasets">The headline on each dataset.</param>
/// <param name="Samples">The headline in the resamples; null where it cannot be ranked.</param>
/// <param name="Origin">How it came about; null where that is not known, or not asked.</param>
internal sealed record SubmissionResult(
    StoredSubmission Submission, HeadlineNumber Headline, IReadOnlyDictionary<string, double?> Metrics, IReadOnlyList<DatasetScore> Datasets, NumberSamples? Samples,
    UsbOrigin? Origin)
{
    private const double Level = 0.95;

    /// <summary>Whether it takes part, or is only listed.</summary>
    public bool IsRanked { get; init; } = true;

    /// <summary>What it qualifies for; null where the protocol has no divisions.</summary>
    public SubmissionDivision? Division { get; init; }

    /// <summary>Reads it from the scores of its evaluations.</summary>
    public static SubmissionResult Of(StoredSubmission submission, IReadOnlyDictionary<string, ScoreRow> scores)
    {
        List<(EvaluationRow Evaluation, ScoreRow? Score)> own = [.. submission.Evaluations.Select(evaluation => (evaluation, scores.GetValueOrDefault(evaluation.Id)))];
        var samples = own.TrueForAll(part => part.Score?.Samples is not null)
            ? own.ConvertAll(part => NumberSamples.FromBytes(part.Score!.Samples))
            : null;
        var mean = samples switch { null or [] => null, [var only] => only, _ => NumberSamples.Mean(samples) };
        var interval = own is [{ Score: { } single }] ? (single.Lower, single.Upper) : mean?.Interval(Level) is { } made ? (made.Lower, made.Upper) : ((double?, double?))(null, null);
        return new(
            submission, new(mean?.Value, interval.Item1, interval.Item2), MeansOf(own),
            [.. own.Select(part => new DatasetScore(part.Evaluation.Dataset, part.Evaluation.Split, part.Evaluation.Id, part.Score?.Value, part.Score?.Lower, part.Score?.Upper))],
            mean, submission.Row.Origin is { } origin ? JsonSerializer.Deserialize(origin, ServeJson.Default.UsbOrigin) : null);
    }

    /// <summary>The means of the numbers that all datasets have; null where one of them has no such number.</summary>
    private static Dictionary<string, double?> MeansOf(List<(EvaluationRow Evaluation, ScoreRow? Score)> own)
    {
        var numbers = own.ConvertAll(part => part.Score is { } score ? JsonSerializer.Deserialize(score.Numbers, ServeJson.Default.DictionaryStringNullableDouble)! : []);
        return numbers.Count == 0 ? [] : numbers[0].Keys.Where(name => numbers.TrueForAll(other => other.ContainsKey(name)))
            .ToDictionary(name => name, name => numbers.TrueForAll(other => other[name] is not null) ? numbers.Average(other => other[name]!.Value) : (double?)null);
    }
}
