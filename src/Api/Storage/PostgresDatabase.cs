using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Serve.Api.Storage;

/// <summary>The tables in PostgreSQL: several servers share them. A transaction sees what others have committed, so a row that is counted in is locked first.</summary>
internal sealed class PostgresDatabase(DbContextOptions<PostgresDatabase> options) : ServeDatabase(options)
{
    /// <summary>The advisory lock of servers that join: any number that nobody else in the database uses.</summary>
    public const long JoiningLock = MigrationLock + 1;

    private const long MigrationLock = 0x5365727665;

    /// <inheritdoc/>
    public override Task MigrateAsync(CancellationToken ct) => AloneAsync(MigrationLock, Database.MigrateAsync, ct);

    /// <summary>Does what only one server may do at a time; others that ask for the same lock wait.</summary>
    public async Task AloneAsync(long number, Func<CancellationToken, Task> work, CancellationToken ct)
    {
        // The lock belongs to the connection, which stays open over the work, and ends with it whatever happens.
        await Database.OpenConnectionAsync(ct);
        try
        {
            await Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({number})", ct);
            await work(ct);
            await Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({number})", ct);
        }
        finally
        {
            await Database.CloseConnectionAsync();
        }
    }

    /// <inheritdoc/>
    public override async Task<TRow?> LockAsync<TRow>(string key, CancellationToken ct) where TRow : class
    {
        var row = Model.FindEntityType(typeof(TRow))!;
        var sql = $$"""SELECT * FROM "{{row.GetTableName()}}" WHERE "{{row.FindPrimaryKey()!.Properties.Single().GetColumnName()}}" = {0} FOR UPDATE""";
        return (await Set<TRow>().FromSqlRaw(sql, key).ToListAsync(ct)).SingleOrDefault();
    }

    /// <inheritdoc/>
    // Texts are ordered and compared by their bytes, as SQLite does, whatever language the database was made in.
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
        => configurationBuilder.Properties<string>().UseCollation("C");
}

/// <summary>Lets <c>EfDesign=true dotnet ef migrations add NAME --context PostgresDatabase -o Storage/Migrations/Postgres</c> work without a database.</summary>
internal sealed class PostgresDatabaseDesign : IDesignTimeDbContextFactory<PostgresDatabase>
{
    /// <inheritdoc/>
    public PostgresDatabase CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<PostgresDatabase>().UseNpgsql().Options);
}
