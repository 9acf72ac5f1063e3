using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Serve.Api.Hosting;

namespace Serve.Api.Storage;

/// <summary>
/// Opens the database that the settings name, so that no feature asks which one it is. It is up to date when it is first opened, which costs tens of megabytes: who
/// only looks whether there is something to do asks <see cref="IsEmpty"/> before. Until then not even the object mapper is loaded.
/// </summary>
internal sealed class DatabaseFactory : IDisposable
{
    private const string FileName = "serve.db";

    private readonly SemaphoreSlim _gate = new(1);
    private readonly ILoggerFactory _logs;
    private readonly string _workspace;
    private readonly string? _connection;
    private readonly string? _file;
    private DbContextOptions? _settings;
    private volatile bool _isReady;

    public DatabaseFactory(IOptions<ServeOptions> options, ServeFolders folders, ILoggerFactory logs)
    {
        (_workspace, _logs) = (folders.Workspace, logs);
        if (options.Value.Database is { IsPostgres: true, Connection: { } connection })
            _connection = connection;
        else
            _file = Path.Combine(folders.Workspace, FileName);
    }

    /// <summary>True when nothing has been kept yet, by this server or one before it: the file of SQLite is not there.</summary>
    public bool IsEmpty => _file is not null && !_isReady && !Path.Exists(_file);

    /// <summary>Opens the database as it is; the caller closes it.</summary>
    public ServeDatabase CreateDbContext() => _connection is null
        ? new SqliteDatabase((DbContextOptions<SqliteDatabase>)Settings())
        : new PostgresDatabase((DbContextOptions<PostgresDatabase>)Settings());

    /// <summary>Opens the database, brought up to date; the caller closes it.</summary>
    public async Task<ServeDatabase> CreateDbContextAsync(CancellationToken cancellationToken = default)
    {
        if (!_isReady)
            await MigrateOnceAsync(cancellationToken);
        return CreateDbContext();
    }

    /// <summary>Whether it can be reached now; as it is, without bringing it up to date.</summary>
    public async Task<bool> CanConnectAsync(CancellationToken ct)
    {
        await using var database = CreateDbContext();
        return await database.Database.CanConnectAsync(ct);
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
            await using var database = CreateDbContext();
            await database.MigrateAsync(ct);
            _isReady = true;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The settings, made once: EF Core keeps what it knows of a database by them.</summary>
    private DbContextOptions Settings() => LazyInitializer.EnsureInitialized(ref _settings, () => _connection is { } connection
        ? new DbContextOptionsBuilder<PostgresDatabase>().UseLoggerFactory(_logs).UseNpgsql(PostgresConnection(connection)).Options
        : new DbContextOptionsBuilder<SqliteDatabase>().UseLoggerFactory(_logs).UseSqlite(SqliteConnection(_workspace, FileName)).Options);
}
