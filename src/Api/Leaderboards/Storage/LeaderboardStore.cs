using Microsoft.EntityFrameworkCore;
using Serve.Api.Access;
using Serve.Api.Datasets.Storage;
using Serve.Api.Problems;
using Serve.Api.Storage;

namespace Serve.Api.Leaderboards.Storage;

/// <summary>A leaderboard with what it measures on, in order.</summary>
internal sealed record StoredLeaderboard(LeaderboardRow Row, IReadOnlyList<LeaderboardDatasetRow> Datasets);

/// <summary>The leaderboards.</summary>
internal sealed class LeaderboardStore(DatabaseFactory databases)
{
    /// <summary>Adds one.</summary>
    /// <exception cref="RequestRefusedException">409: there is one of that name, or a dataset is gone.</exception>
    public async Task AddAsync(StoredLeaderboard leaderboard, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // In one order everywhere, so that two who lock several do not wait for each other.
        foreach (var dataset in leaderboard.Datasets.OrderBy(row => row.Dataset, StringComparer.Ordinal))
        {
            if (await db.LockAsync<DatasetRow>(dataset.Dataset, ct) is null)
                throw new RequestRefusedException(StatusCodes.Status409Conflict, $"Dataset \"{dataset.Dataset}\" was deleted at this moment.");
        }
        var row = leaderboard.Row;
        var made = await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO leaderboards ("Name", "Title", "Protocol", "Owner", "CreatedAt", "SubmissionsPerDay")
            VALUES ({row.Name}, {row.Title}, {row.Protocol}, {row.Owner}, {row.CreatedAt}, {row.SubmissionsPerDay}) ON CONFLICT DO NOTHING
            """, ct);
        if (made == 0)
            throw new RequestRefusedException(StatusCodes.Status409Conflict, $"There is a leaderboard \"{row.Name}\" already; choose another name.");
        var stored = (await db.LockAsync<LeaderboardRow>(row.Name, ct))!;
        (stored.Description, stored.ClosesAt) = (row.Description, row.ClosesAt);
        db.AddRange(leaderboard.Datasets);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>One by its name, or null.</summary>
    public async Task<StoredLeaderboard?> FindAsync(string name, CancellationToken ct)
    {
        if (databases.IsEmpty)
            return null;
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.Leaderboards.AsNoTracking().SingleOrDefaultAsync(row => row.Name == name, ct) is { } leaderboard
            ? new(leaderboard, await db.LeaderboardDatasets.AsNoTracking().Where(row => row.Leaderboard == name).OrderBy(row => row.Place).ToListAsync(ct))
            : null;
    }

    /// <summary>A page of all, by name, and how many there are.</summary>
    public async Task<(IReadOnlyList<StoredLeaderboard> Leaderboards, int Total)> ListAsync(int offset, int limit, CancellationToken ct)
    {
        if (databases.IsEmpty)
            return ([], 0);
        await using var db = await databases.CreateDbContextAsync(ct);
        var total = await db.Leaderboards.CountAsync(ct);
        var rows = await db.Leaderboards.AsNoTracking().OrderBy(row => row.Name).Skip(offset).Take(limit).ToListAsync(ct);
        string[] names = [.. rows.Select(row => row.Name)];
        var datasets = (await db.LeaderboardDatasets.AsNoTracking().Where(row => names.Contains(row.Leaderboard)).OrderBy(row => row.Place).ToListAsync(ct))
            .ToLookup(row => row.Leaderboard);
        return ([.. rows.Select(row => new StoredLeaderboard(row, [.. datasets[row.Name]]))], total);
    }

    /// <summary>Changes one.</summary>
    /// <exception cref="RequestRefusedException">403: it is another's; 404: there is none.</exception>
    public async Task ChangeAsync(string name, LeaderboardChange change, Caller caller, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var row = await LockAsync(db, name, caller, ct);
        row.Title = change.Title ?? row.Title;
        row.Description = change.Description ?? row.Description;
        row.ClosesAt = change.ClosesAt?.UtcDateTime ?? row.ClosesAt;
        row.SubmissionsPerDay = change.SubmissionsPerDay ?? row.SubmissionsPerDay;
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Deletes one. Evaluations of submissions that were withdrawn from it stay.</summary>
    /// <exception cref="RequestRefusedException">403: it is another's; 404: there is none; 409: it has submissions that are not withdrawn.</exception>
    public async Task DeleteAsync(string name, Caller caller, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var row = await LockAsync(db, name, caller, ct);
        var left = await db.Submissions.CountAsync(submission => submission.Leaderboard == name && submission.WithdrawnAt == null, ct);
        if (left > 0)
            throw new RequestRefusedException(StatusCodes.Status409Conflict,
                $"Leaderboard \"{name}\" has {left} submission{(left == 1 ? " that is" : "s that are")} not withdrawn. Withdraw them, or close it: PATCH with closesAt.");
        await db.SubmissionEvaluations.Where(link => db.Submissions.Any(submission => submission.Id == link.Submission && submission.Leaderboard == name)).ExecuteDeleteAsync(ct);
        await db.Submissions.Where(submission => submission.Leaderboard == name).ExecuteDeleteAsync(ct);
        await db.LeaderboardDatasets.Where(dataset => dataset.Leaderboard == name).ExecuteDeleteAsync(ct);
        db.Remove(row);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>The refusal of a name that no leaderboard has.</summary>
    public static RequestRefusedException Unknown(string name)
        => new(StatusCodes.Status404NotFound, $"There is no leaderboard \"{name}\". GET /v1/leaderboards lists them.");

    private static async Task<LeaderboardRow> LockAsync(ServeDatabase db, string name, Caller caller, CancellationToken ct)
    {
        var row = await db.LockAsync<LeaderboardRow>(name, ct) ?? throw Unknown(name);
        return caller.Owns(row.Owner)
            ? row
            : throw new RequestRefusedException(StatusCodes.Status403Forbidden, $"Leaderboard \"{name}\" is {row.Owner}'s: only {row.Owner} and administrators change it.");
    }
}
