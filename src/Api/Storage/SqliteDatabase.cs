using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Serve.Api.Storage;

/// <summary>The tables in one SQLite file: one server, nothing to set up. A transaction begins as a writer, so that they follow one another.</summary>
internal sealed class SqliteDatabase(DbContextOptions<SqliteDatabase> options) : ServeDatabase(options)
{
    /// <inheritdoc/>
    public override Task MigrateAsync(CancellationToken ct) => Database.MigrateAsync(ct);

    /// <inheritdoc/>
    public override async Task<TRow?> LockAsync<TRow>(string key, CancellationToken ct) where TRow : class => await Set<TRow>().FindAsync([key], ct);
}

/// <summary>Lets <c>EfDesign=true dotnet ef migrations add NAME --context SqliteDatabase -o Storage/Migrations/Sqlite</c> work without starting the server.</summary>
internal sealed class SqliteDatabaseDesign : IDesignTimeDbContextFactory<SqliteDatabase>
{
    /// <inheritdoc/>
    public SqliteDatabase CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<SqliteDatabase>().UseSqlite("Data Source=:memory:").Options);
}
