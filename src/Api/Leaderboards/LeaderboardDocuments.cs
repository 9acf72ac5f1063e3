using Serve.Api.Leaderboards.Storage;
using Serve.Eval.Reports;

namespace Serve.Api.Leaderboards;

/// <summary>Opens a leaderboard.</summary>
public sealed record LeaderboardRequest
{
    /// <summary>Its name in addresses: up to 64 letters, digits and <c>. _ -</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Its name for people; without it its name in addresses.</summary>
    public string? Title { get; init; }

    /// <summary>A text about it.</summary>
    public string? Description { get; init; }

    /// <summary>Name of the protocol; <c>coco-bbox</c> without it. Under <c>usb</c> the datasets have roles, and methods compete in divisions.</summary>
    public string? Protocol { get; init; }

    /// <summary>What methods are measured on; of several the mean counts.</summary>
    public IReadOnlyList<LeaderboardDatasetRequest>? Datasets { get; init; }

    /// <summary>When it closes; never without it.</summary>
    public DateTimeOffset? ClosesAt { get; init; }

    /// <summary>Submissions of one submitter in a UTC day, 1..100000; 10 without it.</summary>
    public int? SubmissionsPerDay { get; init; }
}

/// <summary>A dataset to measure on.</summary>
public sealed record LeaderboardDatasetRequest
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Number of its version; without it the current one, which stays that of the leaderboard.</summary>
    public int? Version { get; init; }

    /// <summary>Its split; without it <c>test</c> where there is one, else the only one.</summary>
    public string? Split { get; init; }

    /// <summary>Under <c>usb</c>, whose rules hold for it: <c>coco</c>, <c>wod</c> or <c>m109s</c>. Not for others.</summary>
    public string? Role { get; init; }
}

/// <summary>Changes a leaderboard; what is left out stays.</summary>
public sealed record LeaderboardChange
{
    /// <summary>Its name for people.</summary>
    public string? Title { get; init; }

    /// <summary>A text about it.</summary>
    public string? Description { get; init; }

    /// <summary>When it closes: a time that is past closes it now, a later one opens it again.</summary>
    public DateTimeOffset? ClosesAt { get; init; }

    /// <summary>Submissions of one submitter in a UTC day, 1..100000.</summary>
    public int? SubmissionsPerDay { get; init; }
}

/// <summary>A leaderboard.</summary>
public sealed record LeaderboardDocument
{
    /// <summary>Its name in addresses.</summary>
    public required string Name { get; init; }

    /// <summary>Its name for people.</summary>
    public required string Title { get; init; }

    /// <summary>A text about it.</summary>
    public string? Description { get; init; }

    /// <summary>Name of the protocol.</summary>
    public required string Protocol { get; init; }

    /// <summary>What methods are measured on.</summary>
    public required IReadOnlyList<LeaderboardDataset> Datasets { get; init; }

    /// <summary>The number that ranks.</summary>
    public required string Headline { get; init; }

    /// <summary>The numbers of its rows; the headline alone while there is no row.</summary>
    public required IReadOnlyList<string> Metrics { get; init; }

    /// <summary>Whether more of the headline is better.</summary>
    public required bool HigherIsBetter { get; init; }

    /// <summary>Name of who opened it.</summary>
    public required string Owner { get; init; }

    /// <summary>When it was opened.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it closes; null for never.</summary>
    public DateTimeOffset? ClosesAt { get; init; }

    /// <summary>Whether submissions are taken.</summary>
    public required bool IsOpen { get; init; }

    /// <summary>Submissions of one submitter in a UTC day.</summary>
    public required int SubmissionsPerDay { get; init; }

    /// <summary>Rows that are ranked, of all divisions.</summary>
    public required int Submissions { get; init; }

    /// <summary>What the caller may still submit today; null for those who may not submit.</summary>
    public SubmissionQuota? YourQuota { get; init; }

    /// <summary>The highest headline; null while there is none.</summary>
    public BestMethod? Best { get; init; }

    /// <summary>The tables; null in lists.</summary>
    public IReadOnlyList<LeaderboardDivision>? Divisions { get; init; }

    /// <summary>Submissions that are not over and that the caller may see, oldest first, at most 100; null in lists.</summary>
    public IReadOnlyList<SubmissionDocument>? Waiting { get; init; }
}

/// <summary>A dataset of a leaderboard.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Number of its version.</param>
/// <param name="Split">Its split.</param>
public sealed record LeaderboardDataset(string Name, int Version, string Split);

/// <summary>A submitter's submissions to a leaderboard today.</summary>
/// <param name="Limit">Those that are allowed.</param>
/// <param name="Used">Those that were taken, also if they failed or were withdrawn.</param>
/// <param name="Remaining">Those that are left.</param>
/// <param name="ResetsAt">When the next day begins, which is a UTC day.</param>
public sealed record SubmissionQuota(int Limit, int Used, int Remaining, DateTimeOffset ResetsAt);

/// <summary>The method that is best.</summary>
/// <param name="Method">What its submitter calls it.</param>
/// <param name="Value">Its headline.</param>
public sealed record BestMethod(string Method, double Value);

/// <summary>Methods that compete with one another.</summary>
/// <param name="Id">Its name in addresses.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Description">What belongs there.</param>
/// <param name="Rows">By rank, then by falling headline; those without a rank last.</param>
public sealed record LeaderboardDivision(string Id, string Name, string Description, IReadOnlyList<LeaderboardEntry> Rows);

/// <summary>A method of a submitter: its newest submission that is done.</summary>
public sealed record LeaderboardEntry
{
    /// <summary>1 more than how many rows of the division are significantly better: the 95 % interval of the difference leaves out 0. Null for a row that is not ranked.</summary>
    public required int? Rank { get; init; }

    /// <summary>The submission.</summary>
    public required string Submission { get; init; }

    /// <summary>What its submitter calls the method.</summary>
    public required string Method { get; init; }

    /// <summary>Name of who submitted it.</summary>
    public required string Submitter { get; init; }

    /// <summary>What was submitted.</summary>
    public required SubmissionKind Kind { get; init; }

    /// <summary>The model, when it is one that this server serves.</summary>
    public string? Model { get; init; }

    /// <summary>Its version.</summary>
    public int? ModelVersion { get; init; }

    /// <summary>When it was submitted.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>The number that ranks.</summary>
    public required HeadlineNumber Headline { get; init; }

    /// <summary>The numbers of the summary, of several datasets their means; null for none.</summary>
    public required IReadOnlyDictionary<string, double?> Metrics { get; init; }

    /// <summary>The headline on each dataset.</summary>
    public required IReadOnlyList<DatasetScore> Datasets { get; init; }

    /// <summary>How long the model takes on single pictures of the first dataset; null for detections.</summary>
    public LatencyReport? Latency { get; init; }

    /// <summary>Whether no other ranked row of the division, on the same device, is at least as accurate and as fast, and better in one; false without a latency.</summary>
    public required bool IsPareto { get; init; }

    /// <summary>Whether it is known how the method came about.</summary>
    public required bool Declared { get; init; }

    /// <summary>What it qualifies for; null where the protocol has no divisions.</summary>
    public SubmissionDivision? Division { get; init; }

    /// <summary>Earlier submissions of the method in the division, the newest first.</summary>
    public required IReadOnlyList<EarlierSubmission> History { get; init; }
}

/// <summary>A headline number with its 95 % interval.</summary>
/// <param name="Value">The number; null where there is none.</param>
/// <param name="Lower">Lower end of the interval.</param>
/// <param name="Upper">Upper end.</param>
public sealed record HeadlineNumber(double? Value, double? Lower, double? Upper);

/// <summary>The headline on one dataset.</summary>
/// <param name="Dataset">Name of the dataset.</param>
/// <param name="Split">Its split.</param>
/// <param name="Evaluation">The evaluation.</param>
/// <param name="Value">The number; null where there is none.</param>
/// <param name="Lower">Lower end of its 95 % interval.</param>
/// <param name="Upper">Upper end.</param>
public sealed record DatasetScore(string Dataset, string Split, string Evaluation, double? Value, double? Lower, double? Upper);

/// <summary>What a submission qualifies for.</summary>
/// <param name="Training">The training division, such as <c>1.0</c>; null where it is not known.</param>
/// <param name="Evaluation">The evaluation division, such as <c>Standard</c>; null where it is not known.</param>
/// <param name="Status"><c>complete</c>, <c>incomplete</c> or <c>undeclared</c>: only complete ones are ranked.</param>
/// <param name="Reasons">Why, a sentence each.</param>
public sealed record SubmissionDivision(string? Training, string? Evaluation, string Status, IReadOnlyList<string> Reasons);

/// <summary>An earlier submission of a method.</summary>
/// <param name="Submission">The submission.</param>
/// <param name="SubmittedAt">When it was submitted.</param>
/// <param name="Model">The model, when it is one that this server serves.</param>
/// <param name="ModelVersion">Its version.</param>
/// <param name="Headline">The number that ranks.</param>
public sealed record EarlierSubmission(string Submission, DateTimeOffset SubmittedAt, string? Model, int? ModelVersion, HeadlineNumber Headline);

/// <summary>Leaderboards, by name.</summary>
/// <param name="Leaderboards">One page, without their tables.</param>
/// <param name="Total">Number of all leaderboards.</param>
/// <param name="Offset">Place of the page's first.</param>
/// <param name="Limit">Most entries in a page.</param>
public sealed record LeaderboardList(IReadOnlyList<LeaderboardDocument> Leaderboards, int Total, int Offset, int Limit);
