using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Serve.Api.Hosting;

namespace Serve.Api.Storage;

/// <summary>
/// Opens the database that the settings name, so that no feature asks which one it is. It is up to date when it is first opened, which costs tens of megabytes: who
/// only looks whether there is something to do asks <see cref="IsEmpty"/> before.
/// </summary>
internal sealed class DatabaseFactory : IDbContextFactory<ServeDatabase>, IDisposable
{
    private const string FileName = "serve.db";

    private readonly Lazy<Func<ServeDatabase>> _open;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly string? _file;
    private volatile bool _isReady;

    public DatabaseFactory(IOptions<ServeOptions> options, ServeFolders folders, ILoggerFactory logs)
    {
        if (options.Value.Database is { IsPostgres: true, Connection: { } connection })
        {
            _open = new(() => Postgres(connection, logs));
        }
        else
        {
            _file = Path.Combine(folders.Workspace, FileName);
            _open = new(() => Sqlite(folders.Workspace, logs));
        }
    }

    /// <summary>True when nothing has been kept yet, by this server or one before it: the file of SQLite is not there.</summary>
    public bool IsEmpty => _file is not null && !_isReady && !Path.Exists(_file);

    /// <inheritdoc/>
    public ServeDatabase CreateDbContext() => _open.Value();

    /// <inheritdoc/>
    public async Task<ServeDatabase> CreateDbContextAsync(CancellationToken cancellationToken = default)
    {
        if (!_isReady)
            await MigrateOnceAsync(cancellationToken);
        return _open.Value();
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

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

    private async Task MigrateOnceAsync(CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            if (_isReady)
                return;
            await using var database = _open.Value();
            await database.MigrateAsync(ct);
            _isReady = true;
        }
        finally
        {
            _gate.Release();
        }
    }

    private static Func<ServeDatabase> Postgres(string connection, ILoggerFactory logs)
    {
        var settings = With(new DbContextOptionsBuilder<PostgresDatabase>(), logs).UseNpgsql(PostgresConnection(connection)).Options;
        return () => new PostgresDatabase(settings);
    }

    private static Func<ServeDatabase> Sqlite(string workspace, ILoggerFactory logs)
    {
        var settings = With(new DbContextOptionsBuilder<SqliteDatabase>(), logs).UseSqlite(SqliteConnection(workspace, FileName)).Options;
        return () => new SqliteDatabase(settings);
    }

    private static DbContextOptionsBuilder<T> With<T>(DbContextOptionsBuilder<T> builder, ILoggerFactory logs) where T : DbContext
        => builder.UseLoggerFactory(logs);
}
