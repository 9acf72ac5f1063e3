using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Serve.Api.Hosting;

namespace Serve.Api.Storage;

/// <summary>Opens the database that the settings name, so that no feature asks which one it is.</summary>
internal sealed class DatabaseFactory : IDbContextFactory<ServeDatabase>
{
    private readonly Func<ServeDatabase> _open;

    public DatabaseFactory(IOptions<ServeOptions> options, ServeFolders folders, ILoggerFactory logs)
    {
        if (options.Value.Database is { IsPostgres: true, Connection: { } connection })
        {
            var settings = With(new DbContextOptionsBuilder<PostgresDatabase>(), logs).UseNpgsql(PostgresConnection(connection)).Options;
            _open = () => new PostgresDatabase(settings);
        }
        else
        {
            var settings = With(new DbContextOptionsBuilder<SqliteDatabase>(), logs).UseSqlite(SqliteConnection(folders.Workspace, "serve.db")).Options;
            _open = () => new SqliteDatabase(settings);
        }
    }

    /// <inheritdoc/>
    public ServeDatabase CreateDbContext() => _open();

    /// <summary>How a SQLite file of the workspace is opened.</summary>
    public static string SqliteConnection(string workspace, string file)
        => new SqliteConnectionStringBuilder { DataSource = Path.Combine(workspace, file), DefaultTimeout = 30 }.ToString();

    /// <summary>
    /// The connection string as it was given. Unless it says otherwise, a database that is gone is found out in seconds, and two servers stay below the 100
    /// connections that PostgreSQL allows at first.
    /// </summary>
    public static string PostgresConnection(string given)
    {
        var connection = new NpgsqlConnectionStringBuilder(given);
        if (!connection.ContainsKey(nameof(connection.Timeout)))
            connection.Timeout = 5;
        if (!connection.ContainsKey("Maximum Pool Size"))
            connection.MaxPoolSize = 40;
        connection.ApplicationName ??= "serve";
        return connection.ToString();
    }

    private static DbContextOptionsBuilder<T> With<T>(DbContextOptionsBuilder<T> builder, ILoggerFactory logs) where T : DbContext
        => builder.UseLoggerFactory(logs);
}
