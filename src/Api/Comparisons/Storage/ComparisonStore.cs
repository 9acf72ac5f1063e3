using Microsoft.EntityFrameworkCore;
using Serve.Api.Storage;

namespace Serve.Api.Comparisons.Storage;

/// <summary>The comparisons that were made.</summary>
internal sealed class ComparisonStore(DatabaseFactory databases)
{
    /// <summary>Adds one.</summary>
    public async Task AddAsync(ComparisonRow comparison, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        db.Add(comparison);
        await db.SaveChangesAsync(ct);
    }

    /// <summary>One by its id, or null.</summary>
    public async Task<ComparisonRow?> FindAsync(string id, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.Comparisons.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, ct);
    }

    /// <summary>A page of all, newest first, without their numbers; and how many there are.</summary>
    public async Task<(IReadOnlyList<ComparisonRow> Rows, int Total)> ListAsync(int offset, int limit, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var total = await db.Comparisons.CountAsync(ct);
        var rows = await db.Comparisons.OrderByDescending(row => row.Id).Skip(offset).Take(limit)
            .Select(row => new ComparisonRow
            {
                Id = row.Id,
                Owner = row.Owner,
                CreatedAt = row.CreatedAt,
                Dataset = row.Dataset,
                Split = row.Split,
                Protocol = row.Protocol,
                Evaluations = row.Evaluations,
                Comparison = "",
                Images = "",
            })
            .ToListAsync(ct);
        return (rows, total);
    }
}
