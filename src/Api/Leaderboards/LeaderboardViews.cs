using Serve.Api.Access;
using Serve.Api.Datasets.Storage;
using Serve.Api.Leaderboards.Storage;

namespace Serve.Api.Leaderboards;

/// <summary>Leaderboards and submissions as a caller may see them.</summary>
internal sealed class LeaderboardViews(Standings standings, SubmissionStore submissions, TimeProvider time)
{
    /// <summary>A leaderboard without its tables, and those.</summary>
    public async Task<(LeaderboardDocument Document, Standing Standing)> OfAsync(StoredLeaderboard leaderboard, Caller caller, CancellationToken ct)
    {
        var (row, standing) = (leaderboard.Row, await standings.OfAsync(leaderboard, ct));
        var document = new LeaderboardDocument
        {
            Name = row.Name,
            Title = row.Title,
            Description = row.Description,
            Protocol = row.Protocol,
            Datasets = [.. leaderboard.Datasets.Select(dataset => new LeaderboardDataset(dataset.Dataset, dataset.Version, dataset.Split))],
            Headline = LeaderboardDivisions.HeadlineOf(leaderboard),
            Metrics = standing.Metrics,
            HigherIsBetter = true,
            Owner = row.Owner,
            CreatedAt = SubmissionMapping.Utc(row.CreatedAt),
            ClosesAt = row.ClosesAt is { } closes ? SubmissionMapping.Utc(closes) : null,
            IsOpen = !(row.ClosesAt <= time.GetUtcNow().UtcDateTime),
            SubmissionsPerDay = row.SubmissionsPerDay,
            Submissions = standing.Ranked,
            YourQuota = caller.Role >= Role.Submitter ? await submissions.QuotaAsync(row, caller.Name, ct) : null,
            Best = standing.Best,
        };
        return (document, standing);
    }

    /// <summary>A submission.</summary>
    public async Task<SubmissionDocument> OfAsync(StoredSubmission submission, StoredLeaderboard leaderboard, Caller caller, DatasetStore datasets, CancellationToken ct)
        => (await OfAsync([submission], leaderboard, caller, datasets, ct))[0];

    /// <summary>Submissions.</summary>
    public async Task<IReadOnlyList<SubmissionDocument>> OfAsync(
        IReadOnlyList<StoredSubmission> listed, StoredLeaderboard leaderboard, Caller caller, DatasetStore datasets, CancellationToken ct)
    {
        // Many who follow what is not done cost no ranking.
        var results = listed.Any(submission => submission.State == SubmissionState.Done) ? (await standings.OfAsync(leaderboard, ct)).Results : new Dictionary<string, SubmissionResult>();
        return await OfAsync(listed, results, caller, datasets, ct);
    }

    /// <summary>Submissions, with what came of those that are done.</summary>
    public static async Task<IReadOnlyList<SubmissionDocument>> OfAsync(
        IReadOnlyList<StoredSubmission> listed, IReadOnlyDictionary<string, SubmissionResult> results, Caller caller, DatasetStore datasets, CancellationToken ct)
    {
        if (listed.Count == 0)
            return [];
        var versions = listed.SelectMany(submission => submission.Evaluations).Select(evaluation => (evaluation.Dataset, evaluation.DatasetVersionHash)).Distinct().ToList();
        var withholding = await datasets.WithholdingAsync(versions, caller, ct);
        return [.. listed.Select(submission => submission.ToDocument(withholding, results))];
    }
}
