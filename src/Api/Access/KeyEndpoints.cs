using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Access.Storage;
using Serve.Api.Problems;

namespace Serve.Api.Access;

/// <summary>The keys of this server, for administrators. The command line does the same: <c>serve keys</c>.</summary>
internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/keys").WithTags("Access").Require(Role.Administrator)
            .AddEndpointFilter((context, next) =>
            {
                RefuseStrangers(context.HttpContext);
                return next(context);
            });
        group.MapGet("/", List).WithName("ListKeys");
        // Not once for an Idempotency-Key: its answer would have to be kept, and with it the key.
        group.MapPost("/", Create).WithName("CreateKey").ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        group.MapDelete("/{id}", Revoke).WithName("RevokeKey").ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    /// <summary>Lists the keys of this server, without what is secret.</summary>
    /// <param name="store">The keys.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<KeyList>> List(KeyStore store, CancellationToken ct)
        => TypedResults.Ok(new KeyList([.. (await store.ListAsync(ct)).Select(row => row.ToDocument())]));

    /// <summary>Makes a key. It is told in this answer and kept nowhere: the server keeps a hash.</summary>
    /// <param name="request">Whom it is for, and what it may do.</param>
    /// <param name="context">The request.</param>
    /// <param name="store">The keys.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Created<CreatedKey>> Create(KeyRequest request, HttpContext context, KeyStore store, TimeProvider time, CancellationToken ct)
    {
        var (row, key) = await store.CreateAsync(KeyRequestCheck.Check(request, time.GetUtcNow()), context.Caller.Name, ct);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/v1/keys/{row.Id}", new CreatedKey(key, row.ToDocument()));
    }

    /// <summary>Revokes a key. It stays in the list, and what was made with it stays where it is.</summary>
    /// <param name="id">Id of the key: the 8 characters after `serve_`.</param>
    /// <param name="context">The request.</param>
    /// <param name="access">Whether keys are needed.</param>
    /// <param name="store">The keys.</param>
    /// <param name="ring">Remembers keys.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<KeyDocument>> Revoke(string id, HttpContext context, AccessRule access, KeyStore store, KeyRing ring, CancellationToken ct)
    {
        if (access.NeedsKeys && !await store.HasAdministratorAsync(except: id, ct))
            throw new RequestRefusedException(StatusCodes.Status409Conflict, $"Key \"{id}\" is the last of an administrator: without it nobody could make keys over HTTP. Make another first.");
        var row = await store.RevokeAsync(id, context.Caller.Name, ct)
            ?? throw new RequestRefusedException(StatusCodes.Status404NotFound, $"There is no key \"{id}\". GET /v1/keys lists them.");
        ring.Forget(id);
        return TypedResults.Ok(row.ToDocument());
    }

    /// <summary>A key without its hash.</summary>
    internal static KeyDocument ToDocument(this KeyRow row) => new(
        row.Id, row.Name, row.Role, Utc(row.CreatedAt)!.Value, row.CreatedBy, Utc(row.ExpiresAt), Utc(row.RevokedAt), Utc(row.LastUsedAt),
        row.PerSecond is { } perSecond ? new KeyRate(perSecond, row.Burst) : null);

    /// <summary>Where no key is needed everyone is an administrator, who must not be able to stay one.</summary>
    private static void RefuseStrangers(HttpContext context)
    {
        if (AccessRule.ForeignPage(context.Request) is { } origin)
            throw new RequestRefusedException(StatusCodes.Status403Forbidden, $"Pages of {origin} cannot manage the keys of this server.");
        if (context.Caller.KeyId is null && !context.RequestServices.GetRequiredService<AccessRule>().IsFromThisMachine(context.Request))
            throw new RequestRefusedException(StatusCodes.Status403Forbidden,
                "Keys cannot be managed over HTTP without one, because this server can be reached from other machines. Use ./serve keys where it runs, or send an administrator's key.");
    }

    private static DateTimeOffset? Utc(DateTime? value) => value is { } time ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)) : null;
}
