using Microsoft.EntityFrameworkCore;
using Serve.Api.Access;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Problems;
using Serve.Api.Storage;

namespace Serve.Api.Datasets.Storage;

/// <summary>A dataset and one of its versions.</summary>
internal sealed record KnownDataset(DatasetRow Dataset, DatasetVersionRow Version);

/// <summary>A version that is to be added.</summary>
/// <param name="Name">Name of the dataset.</param>
/// <param name="Hash">Hash of its files.</param>
/// <param name="Origin">Where it came from.</param>
/// <param name="Format">The format that it was read from.</param>
/// <param name="Splits">Its splits as JSON.</param>
/// <param name="Checks">What its check found as JSON; null where it was not checked.</param>
/// <param name="By">Who sends it; null where the server found it.</param>
/// <param name="Visibility">Who sees what is derived from its annotations; null to leave that as it is.</param>
/// <param name="Description">A text about the dataset; null to leave that as it is.</param>
internal sealed record NewVersion(
    string Name, string Hash, DatasetOrigin Origin, string Format, string Splits, string? Checks, Caller? By, DatasetVisibility? Visibility, string? Description);

/// <summary>What is known of datasets beside their files.</summary>
internal sealed class DatasetStore(DatabaseFactory databases, TimeProvider time)
{
    /// <summary>All datasets with their current versions, by name.</summary>
    public async Task<IReadOnlyList<KnownDataset>> ListAsync(CancellationToken ct)
    {
        if (databases.IsEmpty)
            return [];
        await using var db = await databases.CreateDbContextAsync(ct);
        var rows = await db.Datasets.AsNoTracking()
            .Join(db.DatasetVersions, dataset => new { dataset.Name, Version = dataset.CurrentVersion }, version => new { Name = version.Dataset, version.Version },
                (dataset, version) => new { Dataset = dataset, Version = version })
            .OrderBy(row => row.Dataset.Name).ToListAsync(ct);
        return [.. rows.Select(row => new KnownDataset(row.Dataset, row.Version))];
    }

    /// <summary>A dataset's row, or null.</summary>
    public async Task<DatasetRow?> FindAsync(string name, CancellationToken ct)
    {
        if (databases.IsEmpty)
            return null;
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.Datasets.AsNoTracking().SingleOrDefaultAsync(row => row.Name == name, ct);
    }

    /// <summary>A dataset's versions, the newest first.</summary>
    public async Task<IReadOnlyList<DatasetVersionRow>> VersionsAsync(string name, CancellationToken ct)
    {
        if (databases.IsEmpty)
            return [];
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.DatasetVersions.AsNoTracking().Where(row => row.Dataset == name).OrderByDescending(row => row.Version).ToListAsync(ct);
    }

    /// <summary>Adds a version and makes it the current one. One with the same files is not added again, but becomes the current one.</summary>
    /// <returns>The dataset with that version, and whether the version is new.</returns>
    /// <exception cref="RequestRefusedException">403, 409: see <see cref="RequireMayChange"/>.</exception>
    public async Task<(KnownDataset Known, bool IsNew)> AddVersionAsync(NewVersion asked, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // Of two that register a name at once, one makes the row; both then follow one another by its lock.
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO datasets ("Name", "Visibility", "CreatedAt", "CurrentVersion")
            VALUES ({asked.Name}, {$"{asked.Visibility ?? UsualVisibility(asked.Origin)}"}, {Now}, 0) ON CONFLICT DO NOTHING
            """, ct);
        var dataset = (await db.LockAsync<DatasetRow>(asked.Name, ct))!;
        var versions = await db.DatasetVersions.Where(row => row.Dataset == asked.Name).ToListAsync(ct);
        if (versions.Count == 0)
            dataset.Owner = asked.By?.Name;
        else if (asked.By is not null)
            RequireMayChange(dataset, versions.Single(row => row.Version == dataset.CurrentVersion), asked.By);

        var known = versions.SingleOrDefault(row => row.Hash == asked.Hash);
        var version = known ?? new DatasetVersionRow
        {
            Dataset = asked.Name,
            Version = versions.Count == 0 ? 1 : versions.Max(row => row.Version) + 1,
            Hash = asked.Hash,
            Origin = asked.Origin,
            Format = asked.Format,
            Splits = asked.Splits,
            Checks = asked.Checks,
            CreatedAt = Now,
            CreatedBy = asked.By?.Name,
        };
        if (known is null)
            db.Add(version);
        dataset.CurrentVersion = version.Version;
        dataset.Visibility = asked.Visibility ?? dataset.Visibility;
        dataset.Description = asked.Description ?? dataset.Description;
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return (new KnownDataset(dataset, version), known is null);
    }

    /// <summary>Changes who sees what is derived from a dataset's annotations, and its text; null leaves as it is.</summary>
    /// <exception cref="RequestRefusedException">403: it is another's.</exception>
    public async Task ChangeAsync(string name, DatasetVisibility? visibility, string? description, Caller caller, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await db.LockAsync<DatasetRow>(name, ct) is not { } dataset)
            return;
        RequireOwner(dataset, caller);
        dataset.Visibility = visibility ?? dataset.Visibility;
        dataset.Description = description ?? dataset.Description;
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Deletes what is known of a dataset.</summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="RequestRefusedException">403: it is another's; 409: an evaluation or a leaderboard needs it.</exception>
    public async Task<bool> DeleteAsync(string name, Caller caller, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await db.LockAsync<DatasetRow>(name, ct) is not { } dataset)
            return false;
        RequireOwner(dataset, caller);
        var open = await db.Evaluations
            .Where(row => row.Dataset == name && (row.State == EvaluationState.Queued || row.State == EvaluationState.Running)).OrderBy(row => row.Id).Select(row => row.Id).ToListAsync(ct);
        if (open.Count > 0)
            throw new RequestRefusedException(StatusCodes.Status409Conflict,
                $"Dataset \"{name}\" is needed by {open.Count} evaluation{(open.Count == 1 ? " that is" : "s that are")} not over; the first is {open[0]}. Cancel what is not over, or wait for it.");
        var boards = await db.LeaderboardDatasets.Where(row => row.Dataset == name).OrderBy(row => row.Leaderboard).Select(row => row.Leaderboard).ToListAsync(ct);
        if (boards.Count > 0)
            throw new RequestRefusedException(StatusCodes.Status409Conflict,
                $"Dataset \"{name}\" is what the leaderboard{(boards.Count == 1 ? "" : "s")} {string.Join(", ", boards)} measure{(boards.Count == 1 ? "s" : "")} on. Delete {(boards.Count == 1 ? "it" : "them")} first.");
        await db.DatasetVersions.Where(row => row.Dataset == name).ExecuteDeleteAsync(ct);
        db.Remove(dataset);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    /// <summary>What is withheld from a caller of evaluations on versions of datasets.</summary>
    /// <param name="versions">Names of datasets and hashes of their versions; a null hash is that of an evaluation from before there were versions.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<Func<string, string?, Withholding>> WithholdingAsync(IEnumerable<(string Name, string? Hash)> versions, Caller caller, CancellationToken ct)
    {
        if (caller.Role == Role.Administrator || databases.IsEmpty)
            return (_, _) => Withholding.Nothing;
        string[] names = [.. versions.Select(version => version.Name).Distinct()];
        await using var db = await databases.CreateDbContextAsync(ct);
        var datasets = await db.Datasets.AsNoTracking().Where(row => names.Contains(row.Name)).ToDictionaryAsync(row => row.Name, ct);
        var known = (await db.DatasetVersions.Where(row => names.Contains(row.Dataset)).Select(row => new { row.Dataset, row.Hash }).ToListAsync(ct))
            .Select(row => (row.Dataset, row.Hash)).ToHashSet();
        return (name, hash) =>
        {
            // Files that no dataset has any more were deleted, and with them who might see them: nobody but administrators. Another dataset of the name says nothing of them.
            if (hash is not null && !known.Contains((name, hash)))
                return Withholding.Of(name, DatasetVisibility.Private, owner: null, caller);
            return datasets.TryGetValue(name, out var dataset) ? Withholding.Of(dataset, caller) : Withholding.Nothing;
        };
    }

    /// <summary>Refuses to put a version in the place of another's, or of one that lies in the data folder.</summary>
    /// <exception cref="RequestRefusedException">403: it is another's; 409: it lies in the data folder.</exception>
    public static void RequireMayChange(DatasetRow dataset, DatasetVersionRow current, Caller caller)
    {
        RequireOwner(dataset, caller);
        if (current.Origin == DatasetOrigin.Folder)
            throw InDataFolder(dataset.Name);
    }

    /// <summary>The refusal of what only whoever runs the server can do.</summary>
    public static RequestRefusedException InDataFolder(string name) => new(
        StatusCodes.Status409Conflict, $"Dataset \"{name}\" lies in the server's data folder: its files are changed and removed there, by whoever runs the server. Choose another name.");

    // What was sent is shown to nobody else by an oversight.
    private static DatasetVisibility UsualVisibility(DatasetOrigin origin) => origin == DatasetOrigin.Folder ? DatasetVisibility.Public : DatasetVisibility.Private;

    private static void RequireOwner(DatasetRow dataset, Caller caller)
    {
        if (!caller.Owns(dataset.Owner))
            throw new RequestRefusedException(StatusCodes.Status403Forbidden,
                dataset.Owner is { } owner
                    ? $"Dataset \"{dataset.Name}\" is {owner}'s: only {owner} and administrators change it."
                    : $"Dataset \"{dataset.Name}\" belongs to whoever runs the server: only administrators change it.");
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;
}
