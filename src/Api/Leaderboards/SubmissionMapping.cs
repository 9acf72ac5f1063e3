using Serve.Api.Access;
using Serve.Api.Datasets;
using Serve.Api.Evaluation;
using Serve.Api.Leaderboards.Storage;

namespace Serve.Api.Leaderboards;

/// <summary>Submissions as clients see them.</summary>
internal static class SubmissionMapping
{
    /// <summary>Whether a caller may see a submission: those that are done are everybody's, others their submitter's and the host's.</summary>
    public static bool IsSeenBy(this StoredSubmission submission, LeaderboardRow leaderboard, Caller caller)
        => submission.State == SubmissionState.Done || submission.Row.Submitter == caller.Name || caller.Owns(leaderboard.Owner);

    /// <summary>A submission.</summary>
    /// <param name="submission">What is stored of it.</param>
    /// <param name="withholding">What the caller is told of evaluations on a version of a dataset.</param>
    /// <param name="results">What came of those that are done.</param>
    public static SubmissionDocument ToDocument(
        this StoredSubmission submission, Func<string, string?, Withholding> withholding, IReadOnlyDictionary<string, SubmissionResult> results)
    {
        var (row, state) = (submission.Row, submission.State);
        var isOver = state is not (SubmissionState.Queued or SubmissionState.Running);
        var failed = submission.Evaluations.FirstOrDefault(evaluation => evaluation.Error is not null);
        return new()
        {
            Id = row.Id,
            Leaderboard = row.Leaderboard,
            Method = row.Method,
            Submitter = row.Submitter,
            Kind = row.Kind,
            Model = row.Model,
            ModelVersion = row.ModelVersion,
            Description = row.Description,
            State = state,
            Progress = submission.Evaluations.Select(EvaluationMapping.Progress).DefaultIfEmpty(0).Average(),
            Error = failed is null ? null : $"{failed.Dataset}/{failed.Split}: {withholding(failed.Dataset, failed.DatasetVersionHash).Text(failed.Error)}",
            SubmittedAt = Utc(row.SubmittedAt),
            FinishedAt = row.WithdrawnAt is { } withdrawn ? Utc(withdrawn)
                : isOver && submission.Evaluations.Max(evaluation => evaluation.FinishedAt) is { } finished ? Utc(finished) : null,
            Evaluations =
            [
                .. submission.Evaluations.Select(evaluation => new SubmissionEvaluation(evaluation.Dataset, evaluation.Split, evaluation.Id, evaluation.State, evaluation.Progress())),
            ],
            Headline = state == SubmissionState.Done ? results.GetValueOrDefault(row.Id)?.Headline : null,
            Division = state == SubmissionState.Done ? results.GetValueOrDefault(row.Id)?.Division : null,
        };
    }

    /// <summary>A time of the database.</summary>
    public static DateTimeOffset Utc(DateTime value) => new(DateTime.SpecifyKind(value, DateTimeKind.Utc));
}
