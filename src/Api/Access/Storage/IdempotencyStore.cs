using Microsoft.EntityFrameworkCore;
using Serve.Api.Storage;

namespace Serve.Api.Access.Storage;

/// <summary>Requests that make something, and their answers, for a day.</summary>
internal sealed class IdempotencyStore(DatabaseFactory databases, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>Begins a request, unless it was begun before.</summary>
    /// <returns>Null when it is begun now; else what is known of it.</returns>
    public async Task<IdempotencyRow?> BeginAsync(IdempotencyRow request, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        while (true)
        {
            // Of two at once, one writes the row and the other finds it.
            var written = await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO idempotency ("Owner", "Key", "Method", "Path", "BodyHash", "CreatedAt")
                VALUES ({request.Owner}, {request.Key}, {request.Method}, {request.Path}, {request.BodyHash}, {request.CreatedAt}) ON CONFLICT DO NOTHING
                """, ct);
            if (written == 1)
                return null;
            var known = await Of(db, request).AsNoTracking().SingleOrDefaultAsync(ct);
            if (known is not null && known.CreatedAt >= Oldest)
                return known;
            await Of(db, request).Where(row => row.CreatedAt < Oldest).ExecuteDeleteAsync(ct);
        }
    }

    /// <summary>Keeps a request's answer.</summary>
    public async Task EndAsync(IdempotencyRow request, int status, string? location, string? contentType, byte[] body, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await Of(db, request).ExecuteUpdateAsync(
            change => change.SetProperty(row => row.Status, status).SetProperty(row => row.Location, location)
                .SetProperty(row => row.ContentType, contentType).SetProperty(row => row.Body, body), ct);
    }

    /// <summary>Forgets a request that made nothing, so that it can be sent again, mended.</summary>
    public async Task ForgetAsync(IdempotencyRow request, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await Of(db, request).ExecuteDeleteAsync(ct);
    }

    /// <summary>Deletes what is older than a day.</summary>
    public async Task DeleteOldAsync(CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var oldest = Oldest;
        await db.Idempotency.Where(row => row.CreatedAt < oldest).ExecuteDeleteAsync(ct);
    }

    private static IQueryable<IdempotencyRow> Of(ServeDatabase db, IdempotencyRow request)
        => db.Idempotency.Where(row => row.Owner == request.Owner && row.Key == request.Key);

    private DateTime Oldest => time.GetUtcNow().UtcDateTime - Kept;
}
