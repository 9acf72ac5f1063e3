using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Serve.Eval;

namespace Serve.Cli.Bench;

/// <summary>A server of its own for a benchmark: a child process on a free port, with an empty workspace that goes with it.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    /// <summary>Environment variable that names the server's program; <c>./serve bench</c> sets it.</summary>
    public const string ProgramVariable = "SERVE_API";

    private const int KeptLines = 40;
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly string _folder;
    private readonly Queue<string> _log = [];

    private BenchServer(Process process, string folder, Uri address)
    {
        _process = process;
        _folder = folder;
        Address = address;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Its process.</summary>
    public int Pid => _process.Id;

    /// <summary>Starts a server and waits until it is ready.</summary>
    /// <param name="models">Its models.</param>
    /// <param name="device">Its device.</param>
    /// <param name="switches">Further switches of the server.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="InvalidInputException">It does not start; the message holds what it said.</exception>
    public static async Task<BenchServer> StartAsync(string models, string device, IReadOnlyList<string> switches, CancellationToken ct)
    {
        var program = Environment.GetEnvironmentVariable(ProgramVariable);
        if (program is null || !File.Exists(program))
            throw new InvalidInputException($"bench: the server's program is not known ({ProgramVariable}={program}); start with ./serve bench, or name a running server with --url.");
        var folder = Directory.CreateTempSubdirectory("serve-bench-").FullName;
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in (string[])[
            program, "--urls", address.GetLeftPart(UriPartial.Authority), "--models", models, "--data", Path.Combine(folder, "data"),
            "--workspace", Path.Combine(folder, "workspace"), "--device", device, .. switches])
            start.ArgumentList.Add(argument);
        var server = new BenchServer(Process.Start(start)!, folder, address);
        try
        {
            await server.ReadyAsync(ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ReadyAsync(CancellationToken ct)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(Address, "/health/ready"), ct);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (Exception fault) when (fault is HttpRequestException || (fault is TaskCanceledException && !ct.IsCancellationRequested))
            {
                // Not yet.
            }

            if (_process.HasExited)
                throw new InvalidInputException($"bench: the server ended with exit code {_process.ExitCode} before it was ready. It said:\n{Said()}");
            if (watch.Elapsed > StartLimit)
                throw new InvalidInputException($"bench: the server was not ready after {StartLimit.TotalSeconds:0} s. It said:\n{Said()}");
            await Task.Delay(50, ct);
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_log)
        {
            _log.Enqueue(line);
            if (_log.Count > KeptLines)
                _log.Dequeue();
        }
    }

    private string Said()
    {
        lock (_log)
            return string.Join('\n', _log);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
