using Microsoft.EntityFrameworkCore;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Problems;
using Serve.Api.Storage;

namespace Serve.Api.Leaderboards.Storage;

/// <summary>An evaluation that a submission needs.</summary>
/// <param name="Row">The evaluation.</param>
/// <param name="Detections">The packed detections; null for a model.</param>
internal sealed record NeededEvaluation(EvaluationRow Row, byte[]? Detections);

/// <summary>A submission with its evaluations, in the order of the leaderboard's datasets.</summary>
internal sealed record StoredSubmission(SubmissionRow Row, IReadOnlyList<EvaluationRow> Evaluations)
{
    /// <summary>Where it stands.</summary>
    public SubmissionState State
    {
        get
        {
            bool Any(EvaluationState state) => Evaluations.Any(evaluation => evaluation.State == state);
            if (Row.WithdrawnAt is not null)
                return SubmissionState.Withdrawn;
            if (Any(EvaluationState.Failed))
                return SubmissionState.Failed;
            if (Any(EvaluationState.Cancelled))
                return SubmissionState.Cancelled;
            if (Evaluations.All(evaluation => evaluation.State == EvaluationState.Done))
                return SubmissionState.Done;
            return Evaluations.All(evaluation => evaluation.State == EvaluationState.Queued) ? SubmissionState.Queued : SubmissionState.Running;
        }
    }
}

/// <summary>What a leaderboard's tables follow from: as long as it is the same, so are they.</summary>
/// <param name="Submissions">Submissions that were not withdrawn.</param>
/// <param name="Withdrawn">Those that were.</param>
/// <param name="Over">Evaluations that are over.</param>
/// <param name="Done">Those that are done.</param>
internal readonly record struct LeaderboardRevision(int Submissions, int Withdrawn, int Over, int Done);

/// <summary>The submissions.</summary>
internal sealed class SubmissionStore(DatabaseFactory databases, EvaluationStore evaluations, TimeProvider time)
{
    /// <summary>Adds a submission with its evaluations, and counts it: of several at once no more are taken than are allowed.</summary>
    /// <returns>What its submitter may still submit.</returns>
    /// <exception cref="RequestRefusedException">404: the leaderboard is gone; 409: it is closed; 429: the day's quota is spent.</exception>
    public async Task<SubmissionQuota> AddAsync(SubmissionRow submission, IReadOnlyList<NeededEvaluation> needed, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var leaderboard = await db.LockAsync<LeaderboardRow>(submission.Leaderboard, ct) ?? throw LeaderboardStore.Unknown(submission.Leaderboard);
        var before = await QuotaAsync(db, leaderboard, submission.Submitter, ct);
        RequireOpen(leaderboard, before);
        db.Add(submission);
        for (var place = 0; place < needed.Count; place++)
        {
            evaluations.Add(db, needed[place].Row, needed[place].Detections);
            db.Add(new SubmissionEvaluationRow { Submission = submission.Id, Place = place, Evaluation = needed[place].Row.Id });
        }
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return before with { Used = before.Used + 1, Remaining = before.Remaining - 1 };
    }

    /// <summary>What a submitter may still submit today.</summary>
    public async Task<SubmissionQuota> QuotaAsync(LeaderboardRow leaderboard, string submitter, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await QuotaAsync(db, leaderboard, submitter, ct);
    }

    /// <summary>Refuses what a leaderboard does not take now.</summary>
    /// <exception cref="RequestRefusedException">409: it is closed; 429: the day's quota is spent.</exception>
    public void RequireOpen(LeaderboardRow leaderboard, SubmissionQuota quota)
    {
        var now = time.GetUtcNow();
        if (leaderboard.ClosesAt <= now.UtcDateTime)
            throw new RequestRefusedException(StatusCodes.Status409Conflict, $"Leaderboard \"{leaderboard.Name}\" was closed at {leaderboard.ClosesAt:u} and takes no submissions.").With("quota", quota);
        if (quota.Remaining <= 0)
            throw new RequestRefusedException(StatusCodes.Status429TooManyRequests,
                $"Leaderboard \"{leaderboard.Name}\" takes {quota.Limit} submission{(quota.Limit == 1 ? "" : "s")} of a submitter in a day; the next day begins at {quota.ResetsAt:u}.")
            {
                RetryAfterSeconds = (int)Math.Ceiling((quota.ResetsAt - now).TotalSeconds),
                Cause = "quota",
            }.With("quota", quota);
    }

    /// <summary>Withdraws a submission.</summary>
    /// <returns>False when it was withdrawn before.</returns>
    public async Task<bool> WithdrawAsync(SubmissionRow submission, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var now = Now;
        return await db.Submissions.Where(row => row.Id == submission.Id && row.WithdrawnAt == null).ExecuteUpdateAsync(change => change.SetProperty(row => row.WithdrawnAt, now), ct) == 1;
    }

    /// <summary>Whether there is a submission that was not withdrawn.</summary>
    public async Task<bool> IsKeptAsync(string id, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.Submissions.AnyAsync(row => row.Id == id && row.WithdrawnAt == null, ct);
    }

    /// <summary>A submission of a leaderboard, or null.</summary>
    public async Task<StoredSubmission?> FindAsync(string leaderboard, string id, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var row = await db.Submissions.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id && row.Leaderboard == leaderboard, ct);
        return row is null ? null : (await WithEvaluationsAsync(db, [row], ct))[0];
    }

    /// <summary>A leaderboard's submissions, the newest first.</summary>
    public async Task<IReadOnlyList<StoredSubmission>> ListAsync(string leaderboard, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await WithEvaluationsAsync(db, await db.Submissions.AsNoTracking().Where(row => row.Leaderboard == leaderboard).OrderByDescending(row => row.Id).ToListAsync(ct), ct);
    }

    /// <summary>A leaderboard's submissions that are not over, the oldest first.</summary>
    public async Task<IReadOnlyList<StoredSubmission>> OpenAsync(string leaderboard, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var open = from submission in db.Submissions
                   where submission.Leaderboard == leaderboard && submission.WithdrawnAt == null
                   join link in db.SubmissionEvaluations on submission.Id equals link.Submission
                   join evaluation in db.Evaluations on link.Evaluation equals evaluation.Id
                   where evaluation.State == EvaluationState.Queued || evaluation.State == EvaluationState.Running
                   select submission.Id;
        var rows = await db.Submissions.AsNoTracking().Where(row => open.Contains(row.Id)).OrderBy(row => row.Id).ToListAsync(ct);
        return [.. (await WithEvaluationsAsync(db, rows, ct)).Where(submission => submission.State is SubmissionState.Queued or SubmissionState.Running)];
    }

    /// <summary>What the leaderboard's tables follow from now.</summary>
    public async Task<LeaderboardRevision> RevisionAsync(string leaderboard, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var withdrawn = await db.Submissions.Where(row => row.Leaderboard == leaderboard).GroupBy(row => row.WithdrawnAt != null)
            .Select(group => new { IsWithdrawn = group.Key, Count = group.Count() }).ToListAsync(ct);
        var states = await (from submission in db.Submissions
                            where submission.Leaderboard == leaderboard
                            join link in db.SubmissionEvaluations on submission.Id equals link.Submission
                            join evaluation in db.Evaluations on link.Evaluation equals evaluation.Id
                            group evaluation by evaluation.State into state
                            select new { State = state.Key, Count = state.Count() }).ToListAsync(ct);
        return new(
            withdrawn.Where(part => !part.IsWithdrawn).Sum(part => part.Count), withdrawn.Where(part => part.IsWithdrawn).Sum(part => part.Count),
            states.Where(part => part.State is EvaluationState.Done or EvaluationState.Failed or EvaluationState.Cancelled).Sum(part => part.Count),
            states.Where(part => part.State == EvaluationState.Done).Sum(part => part.Count));
    }

    /// <summary>What evaluations are ranked by.</summary>
    public async Task<IReadOnlyDictionary<string, ScoreRow>> ScoresAsync(IReadOnlyList<string> evaluationIds, CancellationToken ct)
    {
        const int atOnce = 500;
        await using var db = await databases.CreateDbContextAsync(ct);
        var scores = new Dictionary<string, ScoreRow>(evaluationIds.Count);
        foreach (var ids in evaluationIds.Chunk(atOnce))
        {
            foreach (var row in await db.Scores.AsNoTracking().Where(row => ids.Contains(row.EvaluationId)).ToListAsync(ct))
                scores.Add(row.EvaluationId, row);
        }
        return scores;
    }

    private async Task<SubmissionQuota> QuotaAsync(ServeDatabase db, LeaderboardRow leaderboard, string submitter, CancellationToken ct)
    {
        var day = DateTime.SpecifyKind(Now.Date, DateTimeKind.Utc);
        var used = await db.Submissions.CountAsync(row => row.Leaderboard == leaderboard.Name && row.Submitter == submitter && row.SubmittedAt >= day, ct);
        return new(leaderboard.SubmissionsPerDay, used, Math.Max(0, leaderboard.SubmissionsPerDay - used), new(day.AddDays(1)));
    }

    private static async Task<IReadOnlyList<StoredSubmission>> WithEvaluationsAsync(ServeDatabase db, List<SubmissionRow> rows, CancellationToken ct)
    {
        const int atOnce = 500;
        var found = new Dictionary<string, List<EvaluationRow>>(rows.Count);
        foreach (var ids in rows.Select(row => row.Id).Chunk(atOnce))
        {
            var links = await (from link in db.SubmissionEvaluations
                               where ids.Contains(link.Submission)
                               join evaluation in db.Evaluations.AsNoTracking() on link.Evaluation equals evaluation.Id
                               orderby link.Place
                               select new { link.Submission, Evaluation = evaluation }).ToListAsync(ct);
            foreach (var link in links)
            {
                if (!found.TryGetValue(link.Submission, out var own))
                    found[link.Submission] = own = [];
                own.Add(link.Evaluation);
            }
        }
        return [.. rows.Select(row => new StoredSubmission(row, found.GetValueOrDefault(row.Id) ?? []))];
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;
}
