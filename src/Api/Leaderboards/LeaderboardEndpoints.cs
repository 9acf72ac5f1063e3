using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Access;
using Serve.Api.Datasets.Storage;
using Serve.Api.Leaderboards.Storage;
using Serve.Api.Problems;

namespace Serve.Api.Leaderboards;

/// <summary>Leaderboards: methods side by side, measured by the host under one protocol.</summary>
internal static class LeaderboardEndpoints
{
    private const int DefaultLimit = 50;
    private const int MostLimit = 500;
    private const int MostWaiting = 100;

    public static IEndpointRouteBuilder MapLeaderboards(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/leaderboards").WithTags("Leaderboards").Require(Role.Reader);
        group.MapGet("/", List).WithName("ListLeaderboards").ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapPost("/", Create).WithName("CreateLeaderboard").Require(Role.Host).MakesOnce()
            .AddOpenApiOperationTransformer(LeaderboardDescription.DescribeCreate)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

        var one = group.MapGroup("/{name}").ProducesProblem(StatusCodes.Status404NotFound);
        one.MapGet("/", Get).WithName("GetLeaderboard");
        one.MapPatch("/", Patch).WithName("ChangeLeaderboard").Require(Role.Host)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        one.MapDelete("/", Delete).WithName("DeleteLeaderboard").Require(Role.Host).ProducesProblem(StatusCodes.Status409Conflict);
        one.MapSubmissions();
        return routes;
    }

    /// <summary>Lists leaderboards by name, without their tables.</summary>
    /// <param name="offset">Place of the first to list, from 0.</param>
    /// <param name="limit">At most so many, 1..500; 50 without it.</param>
    /// <param name="context">The request.</param>
    /// <param name="store">The leaderboards.</param>
    /// <param name="views">Describes them.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<LeaderboardList>> List(int? offset, int? limit, HttpContext context, LeaderboardStore store, LeaderboardViews views, CancellationToken ct)
    {
        var (first, most) = Page(offset, limit);
        var (leaderboards, total) = await store.ListAsync(first, most, ct);
        var documents = new List<LeaderboardDocument>(leaderboards.Count);
        foreach (var leaderboard in leaderboards)
            documents.Add((await views.OfAsync(leaderboard, context.Caller, ct)).Document);
        return TypedResults.Ok(new LeaderboardList(documents, total, first, most));
    }

    /// <summary>A leaderboard with its tables.</summary>
    /// <remarks>
    /// A row is a method of a submitter: its newest submission that is done. Rows rank by the headline number: 1 more than how many others are significantly better, which is
    /// to say that the 95 % interval of the difference, in the same resamples of the same images, leaves out 0. Methods that no image tells apart share a rank.
    /// </remarks>
    /// <param name="name">Name of the leaderboard.</param>
    /// <param name="context">The request.</param>
    /// <param name="store">The leaderboards.</param>
    /// <param name="submissions">The submissions.</param>
    /// <param name="datasets">Knows whose annotations are private.</param>
    /// <param name="views">Describes it.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<LeaderboardDocument>> Get(
        string name, HttpContext context, LeaderboardStore store, SubmissionStore submissions, DatasetStore datasets, LeaderboardViews views, CancellationToken ct)
    {
        var leaderboard = await store.FindAsync(name, ct) ?? throw LeaderboardStore.Unknown(name);
        var (document, standing) = await views.OfAsync(leaderboard, context.Caller, ct);
        var waiting = (await submissions.OpenAsync(name, ct)).Where(submission => submission.IsSeenBy(leaderboard.Row, context.Caller)).Take(MostWaiting).ToList();
        return TypedResults.Ok(document with { Divisions = standing.Divisions, Waiting = await LeaderboardViews.OfAsync(waiting, standing.Results, context.Caller, datasets, ct) });
    }

    /// <summary>Opens a leaderboard.</summary>
    /// <remarks>
    /// It measures on the versions that its datasets have now, also when others come. Only their owner and administrators open one on datasets whose annotations are private.
    /// Under `usb` each dataset has a role (`coco`, `wod`, `m109s`), the headline is the mean over the datasets, and methods compete in divisions.
    /// </remarks>
    /// <param name="request">The leaderboard.</param>
    /// <param name="context">The request.</param>
    /// <param name="check">Checks it.</param>
    /// <param name="store">Stores it.</param>
    /// <param name="views">Describes it.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Created<LeaderboardDocument>> Create(
        LeaderboardRequest request, HttpContext context, LeaderboardRequestCheck check, LeaderboardStore store, LeaderboardViews views, CancellationToken ct)
    {
        var leaderboard = await check.CheckAsync(request, context.Caller, ct);
        await store.AddAsync(leaderboard, ct);
        return TypedResults.Created($"/v1/leaderboards/{leaderboard.Row.Name}", await WholeAsync(leaderboard, context.Caller, views, ct));
    }

    /// <summary>Changes a leaderboard of the caller's own; an administrator changes any.</summary>
    /// <param name="name">Name of the leaderboard.</param>
    /// <param name="change">What changes.</param>
    /// <param name="context">The request.</param>
    /// <param name="store">The leaderboards.</param>
    /// <param name="views">Describes it.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<LeaderboardDocument>> Patch(
        string name, LeaderboardChange change, HttpContext context, LeaderboardStore store, LeaderboardViews views, CancellationToken ct)
    {
        LeaderboardRequestCheck.Check(change);
        await store.ChangeAsync(name, change, context.Caller, ct);
        return TypedResults.Ok(await WholeAsync(await store.FindAsync(name, ct) ?? throw LeaderboardStore.Unknown(name), context.Caller, views, ct));
    }

    /// <summary>Deletes a leaderboard of the caller's own, once all its submissions are withdrawn.</summary>
    /// <param name="name">Name of the leaderboard.</param>
    /// <param name="context">The request.</param>
    /// <param name="store">The leaderboards.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<NoContent> Delete(string name, HttpContext context, LeaderboardStore store, CancellationToken ct)
    {
        await store.DeleteAsync(name, context.Caller, ct);
        return TypedResults.NoContent();
    }

    /// <summary>What of a list is asked for.</summary>
    /// <exception cref="RequestRefusedException">400: either is out of its range.</exception>
    public static (int Offset, int Limit) Page(int? offset, int? limit)
    {
        if (offset < 0)
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"offset\": {offset} is below 0.");
        if (limit is not (null or >= 1 and <= MostLimit))
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"limit\": {limit} is not between 1 and {MostLimit}.");
        return (offset ?? 0, limit ?? DefaultLimit);
    }

    private static async Task<LeaderboardDocument> WholeAsync(StoredLeaderboard leaderboard, Caller caller, LeaderboardViews views, CancellationToken ct)
    {
        var (document, standing) = await views.OfAsync(leaderboard, caller, ct);
        return document with { Divisions = standing.Divisions, Waiting = [] };
    }
}
