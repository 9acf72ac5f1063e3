using Microsoft.EntityFrameworkCore;
using Serve.Api.Storage;

namespace Serve.Api.Access.Storage;

/// <summary>The audit log.</summary>
internal sealed class AuditStore(DatabaseFactory databases)
{
    /// <summary>Adds an entry.</summary>
    public async Task AddAsync(AuditRow entry, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        db.Add(entry);
        await db.SaveChangesAsync(ct);
    }

    /// <summary>Entries after one, oldest first.</summary>
    public async Task<IReadOnlyList<AuditRow>> ListAsync(long after, int limit, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.Audit.AsNoTracking().Where(row => row.Id > after).OrderBy(row => row.Id).Take(limit).ToListAsync(ct);
    }

    /// <summary>Deletes entries from before a time.</summary>
    public async Task DeleteAsync(DateTime before, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await db.Audit.Where(row => row.At < before).ExecuteDeleteAsync(ct);
    }
}
