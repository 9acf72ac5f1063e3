using Microsoft.EntityFrameworkCore;
using Serve.Api.Access.Storage;
using Serve.Api.Comparisons.Storage;
using Serve.Api.Datasets.Storage;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Jobs.Storage;
using Serve.Api.Leaderboards.Storage;

namespace Serve.Api.Storage;

/// <summary>
/// The server's tables. A feature keeps its rows beside itself, each with its own <c>Configure</c>; here they are listed. The job engine has tables of its own:
/// they only hold who runs what now.
/// </summary>
/// <remarks>
/// One model for two databases, <see cref="SqliteDatabase"/> and <see cref="PostgresDatabase"/>, which differ in their migrations and in how a row is locked.
/// Times are UTC.
/// </remarks>
internal abstract class ServeDatabase(DbContextOptions options) : DbContext(options)
{
    public DbSet<EvaluationRow> Evaluations => Set<EvaluationRow>();

    public DbSet<ReportRow> Reports => Set<ReportRow>();

    public DbSet<ScoreRow> Scores => Set<ScoreRow>();

    public DbSet<ShardRow> Shards => Set<ShardRow>();

    public DbSet<ShardResultRow> ShardResults => Set<ShardResultRow>();

    public DbSet<EventRow> Events => Set<EventRow>();

    public DbSet<KeyRow> Keys => Set<KeyRow>();

    public DbSet<AuditRow> Audit => Set<AuditRow>();

    public DbSet<IdempotencyRow> Idempotency => Set<IdempotencyRow>();

    public DbSet<WorkerRow> Workers => Set<WorkerRow>();

    public DbSet<SettingRow> Settings => Set<SettingRow>();

    public DbSet<ComparisonRow> Comparisons => Set<ComparisonRow>();

    public DbSet<DatasetRow> Datasets => Set<DatasetRow>();

    public DbSet<DatasetVersionRow> DatasetVersions => Set<DatasetVersionRow>();

    public DbSet<LeaderboardRow> Leaderboards => Set<LeaderboardRow>();

    public DbSet<LeaderboardDatasetRow> LeaderboardDatasets => Set<LeaderboardDatasetRow>();

    public DbSet<SubmissionRow> Submissions => Set<SubmissionRow>();

    public DbSet<SubmissionEvaluationRow> SubmissionEvaluations => Set<SubmissionEvaluationRow>();

    /// <summary>Brings the tables up to date; of several nodes that start at once, one does it and the others wait.</summary>
    public abstract Task MigrateAsync(CancellationToken ct);

    /// <summary>
    /// Reads a row in order to change it: until the end of this transaction, whoever else asks for it so waits. Ask before anything else reads the row in this
    /// context, which would go on showing what it read first.
    /// </summary>
    /// <typeparam name="TRow">A row whose key is one column.</typeparam>
    /// <returns>The row, or null.</returns>
    public abstract Task<TRow?> LockAsync<TRow>(string key, CancellationToken ct) where TRow : class;

    /// <summary>Locks an evaluation, with which all steps of it begin, so that they follow one another.</summary>
    public Task<EvaluationRow?> LockEvaluationAsync(string id, CancellationToken ct) => LockAsync<EvaluationRow>(id, ct);

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        EvaluationRow.Configure(modelBuilder);
        ReportRow.Configure(modelBuilder);
        ScoreRow.Configure(modelBuilder);
        ShardRow.Configure(modelBuilder);
        ShardResultRow.Configure(modelBuilder);
        EventRow.Configure(modelBuilder);
        KeyRow.Configure(modelBuilder);
        AuditRow.Configure(modelBuilder);
        IdempotencyRow.Configure(modelBuilder);
        WorkerRow.Configure(modelBuilder);
        SettingRow.Configure(modelBuilder);
        ComparisonRow.Configure(modelBuilder);
        DatasetRow.Configure(modelBuilder);
        DatasetVersionRow.Configure(modelBuilder);
        LeaderboardRow.Configure(modelBuilder);
        LeaderboardDatasetRow.Configure(modelBuilder);
        SubmissionRow.Configure(modelBuilder);
        SubmissionEvaluationRow.Configure(modelBuilder);
    }
}
