using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Serve.Api.Tests.Support;

[assembly: AssemblyFixture(typeof(SharedPostgres))]

namespace Serve.Api.Tests.Support;

/// <summary>One PostgreSQL for all tests that need no more of it than a database of their own. It starts when the first of them asks.</summary>
public sealed class SharedPostgres : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> _server = new(PostgresServer.StartAsync);

    /// <summary>A new, empty database. The test is skipped, with the reason, where PostgreSQL is not installed.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> NewDatabaseAsync()
    {
        PostgresServer.SkipUnlessInstalled();
        return await (await _server.Value).NewDatabaseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await _server.Value).DisposeAsync();
    }
}

/// <summary>A PostgreSQL server on a data folder and a port of its own, which ends with the tests.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The user's password, to be looked for where it must not be.</summary>
    public const string Password = "p4ssw0rd-of-the-tests";

    private const string User = "serve";
    private readonly TemporaryFolder _folder;
    private readonly int _port;
    private Process _process;

    private PostgresServer(TemporaryFolder folder, int port)
    {
        (_folder, _port) = (folder, port);
        _process = Run();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill();
    }

    private string Data => _folder.File("data");

    // Debian keeps the server's programs of each version apart, and out of the path.
    private static string? Programs { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Order(StringComparer.Ordinal).LastOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        : null;

    // It refuses to run as root.
    private static string[] AsUser => Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];

    public static void SkipUnlessInstalled()
        => Assert.SkipWhen(Programs is null, "PostgreSQL is not installed: ./test installs Debian's package postgresql where it may.");

    public static async Task<PostgresServer> StartAsync()
    {
        SkipUnlessInstalled();
        var folder = TestFiles.NewFolder();
        await File.WriteAllTextAsync(folder.File("password"), Password);
        if (AsUser.Length > 0)
            await RunAsync("chown", "-R", "postgres:postgres", folder.Path);
        await RunAsync([.. AsUser, Path.Combine(Programs!, "initdb"), "--pgdata", folder.File("data"), "--username", User, "--auth", "scram-sha-256",
            "--pwfile", folder.File("password"), "--encoding", "UTF8", "--no-locale", "--no-sync"]);
        var server = new PostgresServer(folder, FreePort());
        await server.WaitUntilItAnswersAsync();
        return server;
    }

    /// <summary>Makes a database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> NewDatabaseAsync()
    {
        var name = $"test_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(ConnectionTo("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionTo(name);
    }

    /// <summary>Stops it at once, as a crash would.</summary>
    public async Task StopAsync()
    {
        await RunAsync([.. AsUser, Path.Combine(Programs!, "pg_ctl"), "stop", "--pgdata", Data, "--mode", "immediate", "--wait"]);
        await _process.WaitForExitAsync();
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>Starts it again on what it has.</summary>
    public async Task RestartAsync()
    {
        _process.Dispose();
        _process = Run();
        await WaitUntilItAnswersAsync();
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (!_process.HasExited)
            await StopAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    private string ConnectionTo(string database) => $"Host=127.0.0.1;Port={_port};Database={database};Username={User};Password={Password}";

    private Process Run()
    {
        string[] command = [.. AsUser, Path.Combine(Programs!, "postgres"), "-D", Data, "-p", $"{_port}", "-k", "", "-c", "listen_addresses=127.0.0.1",
            "-c", "fsync=off", "-c", "logging_collector=on", "-c", "max_connections=200"];
        return Process.Start(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = "/", RedirectStandardError = true })!;
    }

    private async Task WaitUntilItAnswersAsync()
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionTo("postgres"));
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException fault)
            {
                Assert.False(_process.HasExited, "PostgreSQL ended before it answered.");
                Assert.True(DateTime.UtcNow < deadline, $"PostgreSQL does not answer after 60 s: {fault.Message}");
                await Task.Delay(100);
            }
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended in good order.
        }
    }

    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)}: {await output}{await error}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
