using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Serve.Api.Access;
using Serve.Api.Datasets.Storage;
using Serve.Api.Hosting;
using Serve.Api.Leaderboards.Storage;
using Serve.Api.Problems;

namespace Serve.Api.Leaderboards;

/// <summary>What is submitted to a leaderboard.</summary>
internal static class SubmissionEndpoints
{
    public static void MapSubmissions(this RouteGroupBuilder leaderboard)
    {
        var options = ((IEndpointRouteBuilder)leaderboard).ServiceProvider.GetRequiredService<IOptions<ServeOptions>>().Value;
        var group = leaderboard.MapGroup("/submissions");
        group.MapGet("/", List).WithName("ListSubmissions").ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapPost("/", Create).WithName("CreateSubmission").Require(Role.Submitter).MakesOnce()
            .AddOpenApiOperationTransformer(LeaderboardDescription.DescribeSubmit)
            .AddEndpointFilter((context, next) => AccessRule.ForeignPage(context.HttpContext.Request) is { } origin
                ? throw new RequestRefusedException(StatusCodes.Status403Forbidden, $"Pages of {origin} cannot submit to the leaderboards of this server.")
                : next(context))
            .WithMetadata(new RequestSizeLimitAttribute(Math.Max(options.MaxUploadBytes, options.MaxModelBytes)))
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status429TooManyRequests);
        group.MapGet("/{id}", Get).WithName("GetSubmission");
        group.MapDelete("/{id}", Withdraw).WithName("WithdrawSubmission").Require(Role.Submitter);
    }

    /// <summary>Lists submissions, the newest first: those that are done, and others to their submitter, the leaderboard's owner and administrators.</summary>
    /// <param name="name">Name of the leaderboard.</param>
    /// <param name="state">Only those of a state: `queued`, `running`, `done`, `failed`, `cancelled` or `withdrawn`.</param>
    /// <param name="mine">`true`: only the caller's own.</param>
    /// <param name="offset">Place of the first to list, from 0.</param>
    /// <param name="limit">At most so many, 1..500; 50 without it.</param>
    /// <param name="context">The request.</param>
    /// <param name="leaderboards">The leaderboards.</param>
    /// <param name="submissions">The submissions.</param>
    /// <param name="datasets">Knows whose annotations are private.</param>
    /// <param name="views">Describes them.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<SubmissionList>> List(
        string name, string? state, bool? mine, int? offset, int? limit, HttpContext context, LeaderboardStore leaderboards, SubmissionStore submissions, DatasetStore datasets,
        LeaderboardViews views, CancellationToken ct)
    {
        var (first, most) = LeaderboardEndpoints.Page(offset, limit);
        var asked = StateOf(state);
        var (caller, leaderboard) = (context.Caller, await leaderboards.FindAsync(name, ct) ?? throw LeaderboardStore.Unknown(name));
        var seen = (await submissions.ListAsync(name, ct)).Where(submission => submission.IsSeenBy(leaderboard.Row, caller)
            && (asked is null || submission.State == asked) && (mine is not true || submission.Row.Submitter == caller.Name)).ToList();
        return TypedResults.Ok(new SubmissionList(await views.OfAsync([.. seen.Skip(first).Take(most)], leaderboard, caller, datasets, ct), seen.Count, first, most));
    }

    /// <summary>Submits a method: a model of this server, an ONNX file, or detections made elsewhere.</summary>
    /// <remarks>
    /// It is checked at once, with every fault told, and evaluated on each dataset of the leaderboard. Every answer has the submitter's `quota` of the day. What is refused
    /// costs nothing of it; what was taken counts, also when it fails or is withdrawn.
    /// </remarks>
    /// <param name="name">Name of the leaderboard.</param>
    /// <param name="context">The request.</param>
    /// <param name="leaderboards">The leaderboards.</param>
    /// <param name="reader">Reads the request.</param>
    /// <param name="maker">Takes submissions.</param>
    /// <param name="submissions">The submissions.</param>
    /// <param name="datasets">Knows whose annotations are private.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Accepted<SubmissionDocument>> Create(
        string name, HttpContext context, LeaderboardStore leaderboards, SubmissionReader reader, SubmissionMaker maker, SubmissionStore submissions, DatasetStore datasets,
        CancellationToken ct)
    {
        var leaderboard = await leaderboards.FindAsync(name, ct) ?? throw LeaderboardStore.Unknown(name);
        var before = await submissions.QuotaAsync(leaderboard.Row, context.Caller.Name, ct);
        // Before anything is read: what is not taken need not be checked.
        submissions.RequireOpen(leaderboard.Row, before);
        try
        {
            var read = await reader.ReadAsync(context.Request, [.. leaderboard.Datasets.Select(dataset => dataset.Dataset)], ct);
            var (submission, quota) = await maker.MakeAsync(read, leaderboard, context.Caller, ct);
            var document = (await LeaderboardViews.OfAsync([submission], new Dictionary<string, SubmissionResult>(), context.Caller, datasets, CancellationToken.None))[0];
            return TypedResults.Accepted($"/v1/leaderboards/{name}/submissions/{submission.Row.Id}", document with { Quota = quota });
        }
        catch (RequestRefusedException refusal) when (!refusal.Extensions.ContainsKey("quota"))
        {
            throw refusal.With("quota", before);
        }
    }

    /// <summary>Tells where a submission stands.</summary>
    /// <param name="name">Name of the leaderboard.</param>
    /// <param name="id">The submission.</param>
    /// <param name="context">The request.</param>
    /// <param name="leaderboards">The leaderboards.</param>
    /// <param name="submissions">The submissions.</param>
    /// <param name="datasets">Knows whose annotations are private.</param>
    /// <param name="views">Describes it.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<SubmissionDocument>> Get(
        string name, string id, HttpContext context, LeaderboardStore leaderboards, SubmissionStore submissions, DatasetStore datasets, LeaderboardViews views, CancellationToken ct)
    {
        var (leaderboard, submission) = await FindAsync(name, id, context.Caller, leaderboards, submissions, ct);
        return TypedResults.Ok(await views.OfAsync(submission, leaderboard, context.Caller, datasets, ct));
    }

    /// <summary>Withdraws a submission of the caller's own; the leaderboard's owner and administrators withdraw any.</summary>
    /// <remarks>It leaves the tables, and what runs for it is cancelled. It still counts for the day's quota.</remarks>
    /// <param name="name">Name of the leaderboard.</param>
    /// <param name="id">The submission.</param>
    /// <param name="context">The request.</param>
    /// <param name="leaderboards">The leaderboards.</param>
    /// <param name="submissions">The submissions.</param>
    /// <param name="maker">Takes submissions back.</param>
    /// <param name="datasets">Knows whose annotations are private.</param>
    /// <param name="views">Describes it.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<SubmissionDocument>> Withdraw(
        string name, string id, HttpContext context, LeaderboardStore leaderboards, SubmissionStore submissions, SubmissionMaker maker, DatasetStore datasets,
        LeaderboardViews views, CancellationToken ct)
    {
        var (leaderboard, submission) = await FindAsync(name, id, context.Caller, leaderboards, submissions, ct);
        if (submission.Row.Submitter != context.Caller.Name && !context.Caller.Owns(leaderboard.Row.Owner))
            throw new RequestRefusedException(StatusCodes.Status403Forbidden,
                $"Submission {id} is {submission.Row.Submitter}'s: only {submission.Row.Submitter}, {leaderboard.Row.Owner} and administrators withdraw it.");
        await maker.WithdrawAsync(submission, ct);
        return TypedResults.Ok(await views.OfAsync((await submissions.FindAsync(name, id, ct))!, leaderboard, context.Caller, datasets, ct));
    }

    private static async Task<(StoredLeaderboard Leaderboard, StoredSubmission Submission)> FindAsync(
        string name, string id, Caller caller, LeaderboardStore leaderboards, SubmissionStore submissions, CancellationToken ct)
    {
        var leaderboard = await leaderboards.FindAsync(name, ct) ?? throw LeaderboardStore.Unknown(name);
        return await submissions.FindAsync(name, id, ct) is { } submission && submission.IsSeenBy(leaderboard.Row, caller)
            ? (leaderboard, submission)
            : throw new RequestRefusedException(StatusCodes.Status404NotFound, $"Leaderboard \"{name}\" has no submission \"{id}\" that you may see.");
    }

    private static SubmissionState? StateOf(string? text)
    {
        if (text is null)
            return null;
        foreach (var state in Enum.GetValues<SubmissionState>())
        {
            if (string.Equals($"{state}", text, StringComparison.OrdinalIgnoreCase))
                return state;
        }
        throw new RequestRefusedException(StatusCodes.Status400BadRequest,
            $"Parameter \"state\": there is no \"{text}\"; there are {string.Join(", ", Enum.GetNames<SubmissionState>().Select(name => name.ToLowerInvariant()))}.");
    }
}
