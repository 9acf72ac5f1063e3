using Microsoft.EntityFrameworkCore;

namespace Serve.Api.Evaluation.Storage;

/// <summary>Evaluations, their shards, results and events. The job engine has a file of its own: it only holds who runs what now.</summary>
internal sealed class ServeDatabase(DbContextOptions<ServeDatabase> options) : DbContext(options)
{
    public DbSet<EvaluationRow> Evaluations => Set<EvaluationRow>();

    public DbSet<ReportRow> Reports => Set<ReportRow>();

    public DbSet<ShardRow> Shards => Set<ShardRow>();

    public DbSet<ShardResultRow> ShardResults => Set<ShardResultRow>();

    public DbSet<EventRow> Events => Set<EventRow>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<EvaluationRow>(evaluation =>
        {
            evaluation.ToTable("evaluations").HasKey(row => row.Id);
            evaluation.Property(row => row.State).HasConversion<string>();
            evaluation.Ignore(row => row.IsOver);
            evaluation.HasIndex(row => row.State);
        });
        modelBuilder.Entity<ReportRow>(report =>
        {
            report.ToTable("reports").HasKey(row => row.EvaluationId);
            report.HasOne<EvaluationRow>().WithOne().HasForeignKey<ReportRow>(row => row.EvaluationId);
        });
        modelBuilder.Entity<ShardRow>(shard =>
        {
            shard.ToTable("shards").HasKey(row => new { row.EvaluationId, row.Index });
            shard.HasOne<EvaluationRow>().WithMany().HasForeignKey(row => row.EvaluationId);
        });
        modelBuilder.Entity<ShardResultRow>().ToTable("shard_results").HasKey(row => row.Key);
        modelBuilder.Entity<EventRow>(happened =>
        {
            happened.ToTable("events").HasKey(row => row.Id);
            happened.Property(row => row.Id).ValueGeneratedOnAdd();
            happened.HasOne<EvaluationRow>().WithMany().HasForeignKey(row => row.EvaluationId);
            happened.HasIndex(row => new { row.EvaluationId, row.Id });
        });
    }
}
