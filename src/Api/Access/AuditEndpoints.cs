using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Access.Storage;
using Serve.Api.Problems;

namespace Serve.Api.Access;

/// <summary>Who changed what, for administrators.</summary>
internal static class AuditEndpoints
{
    private const int UsualLimit = 100;
    private const int MostLimit = 1000;

    public static void MapAudit(this IEndpointRouteBuilder routes)
        => routes.MapGet("/v1/audit", List).WithName("ListAudit").WithTags("Access").Require(Role.Administrator).ProducesProblem(StatusCodes.Status400BadRequest);

    /// <summary>Lists requests that changed something, and those that were refused for want of a key or a role, oldest first.</summary>
    /// <param name="after">Id of the last entry that is known; without it from the first.</param>
    /// <param name="limit">At most so many, 1..1000; 100 without it.</param>
    /// <param name="store">The log.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<AuditList>> List(long? after, int? limit, AuditStore store, CancellationToken ct)
    {
        if (limit is not (null or >= 1 and <= MostLimit))
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"limit\": {limit} is not between 1 and {MostLimit}.");
        var rows = await store.ListAsync(after ?? 0, limit ?? UsualLimit, ct);
        return TypedResults.Ok(new AuditList([.. rows.Select(ToDocument)], rows.Count > 0 ? rows[^1].Id : after ?? 0));
    }

    private static AuditEntry ToDocument(AuditRow row) => new(
        row.Id, new DateTimeOffset(DateTime.SpecifyKind(row.At, DateTimeKind.Utc)), row.KeyId, row.Name, row.Role, row.Address, row.Method, row.Route, row.Target, row.Status);
}

/// <summary>A request that changed something, or was refused for want of a key or a role.</summary>
/// <param name="Id">Its number; later entries have higher ones.</param>
/// <param name="At">When it was answered.</param>
/// <param name="KeyId">Id of its key; null where none was needed or none was known.</param>
/// <param name="Name">Name of its caller; null when nobody is known.</param>
/// <param name="Role">Role of its caller.</param>
/// <param name="Address">The address that it came from.</param>
/// <param name="Method">Its method.</param>
/// <param name="Route">The route that answered.</param>
/// <param name="Target">The path that was asked for.</param>
/// <param name="Status">Status of the answer.</param>
public sealed record AuditEntry(
    long Id, DateTimeOffset At, string? KeyId, string? Name, Role? Role, string? Address, string Method, string Route, string Target, int Status);

/// <summary>A part of the audit log.</summary>
/// <param name="Entries">Oldest first.</param>
/// <param name="Last">Id of the last one, for `after`.</param>
public sealed record AuditList(IReadOnlyList<AuditEntry> Entries, long Last);
