using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Serve.Api.Storage;

namespace Serve.Api.Access.Storage;

/// <summary>The server's keys.</summary>
internal sealed class KeyStore(DatabaseFactory databases, TimeProvider time)
{
    /// <summary>Makes a key.</summary>
    /// <param name="asked">What it is for; checked by <see cref="KeyRequestCheck"/>.</param>
    /// <param name="by">Name of who makes it.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>Its row, and the key itself, which is kept nowhere.</returns>
    public async Task<(KeyRow Row, string Key)> CreateAsync(CheckedKey asked, string by, CancellationToken ct)
    {
        var key = ApiKey.Create(out var text);
        var row = new KeyRow
        {
            Id = key.Id,
            SecretHash = key.SecretHash,
            Name = asked.Name,
            Role = asked.Role,
            CreatedAt = Now,
            CreatedBy = by,
            ExpiresAt = asked.ExpiresAt,
            PerSecond = asked.PerSecond,
            Burst = asked.Burst,
        };
        await using var db = await databases.CreateDbContextAsync(ct);
        db.Add(row);
        await db.SaveChangesAsync(ct);
        return (row, text);
    }

    /// <summary>All keys, revoked ones too, oldest first.</summary>
    public async Task<IReadOnlyList<KeyRow>> ListAsync(CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.Keys.AsNoTracking().OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(ct);
    }

    /// <summary>A key, or null.</summary>
    public async Task<KeyRow?> FindAsync(string id, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.Keys.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, ct);
    }

    /// <summary>Revokes a key; one that is revoked stays as it is.</summary>
    /// <returns>The key, or null when there is none.</returns>
    public async Task<KeyRow?> RevokeAsync(string id, string by, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await db.LockAsync<KeyRow>(id, ct) is not { } row)
            return null;
        if (row.RevokedAt is null)
            (row.RevokedAt, row.RevokedBy) = (Now, by);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return row;
    }

    /// <summary>Whether there is an administrator's key that is good, other than one.</summary>
    /// <param name="except">Id of the key that does not count; null for none.</param>
    /// <param name="ct">Cancels.</param>
    // Not part of its caller, as StorageSetup.PrepareStorageAsync is none.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public async Task<bool> HasAdministratorAsync(string? except, CancellationToken ct)
    {
        var now = Now;
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.Keys.AnyAsync(
            row => row.Role == Role.Administrator && row.RevokedAt == null && (row.ExpiresAt == null || row.ExpiresAt > now) && row.Id != except, ct);
    }

    /// <summary>Notes when keys were last used.</summary>
    public async Task UsedAsync(IReadOnlyDictionary<string, DateTime> used, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        foreach (var (id, at) in used)
            await db.Keys.Where(row => row.Id == id && (row.LastUsedAt == null || row.LastUsedAt < at))
                .ExecuteUpdateAsync(change => change.SetProperty(row => row.LastUsedAt, at), ct);
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;
}
