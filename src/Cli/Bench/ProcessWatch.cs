using System.Diagnostics;
using System.Globalization;

namespace Serve.Cli.Bench;

/// <summary>Looks at what a server's process, with the processes that it started, uses while a load runs. Reads <c>/proc</c>; elsewhere it knows nothing.</summary>
internal sealed class ProcessWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.5);

    private readonly int? _pid;
    private readonly MetricsPage? _metrics;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly TimeSpan _clientAtStart = ClientTime();
    private readonly double? _serverAtStart;
    private readonly long? _memoryAtStart;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _looking;
    private double? _allocatedAtStart;
    private long? _peak;

    private ProcessWatch(int? pid, MetricsPage? metrics)
    {
        _pid = pid;
        _metrics = metrics;
        (_serverAtStart, _memoryAtStart) = Look();
        _peak = _memoryAtStart;
        _looking = LookAsync(_stop.Token);
    }

    /// <summary>Begins to watch.</summary>
    /// <param name="pid">The server's process; null when it is not known.</param>
    /// <param name="metrics">The server's metrics; null when it has none.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task<ProcessWatch> StartAsync(int? pid, MetricsPage? metrics, CancellationToken ct)
    {
        var allocated = metrics is null ? null : await metrics.ReadAsync(MetricsPage.AllocatedBytes, ct);
        return new ProcessWatch(pid, metrics) { _allocatedAtStart = allocated };
    }

    /// <summary>What was used since the start; <see cref="ProcessUse.AllocatedBytesPerImage"/> holds the bytes of the whole run.</summary>
    public async Task<ProcessUse> StopAsync()
    {
        var seconds = _watch.Elapsed.TotalSeconds;
        var client = (ClientTime() - _clientAtStart).TotalSeconds / seconds;
        var (server, memory) = Look();
        // Also after Ctrl-C: the figures of the part that ran are wanted.
        var allocated = _metrics is null ? null : await _metrics.ReadAsync(MetricsPage.AllocatedBytes, CancellationToken.None);
        return new ProcessUse(
            client, (server - _serverAtStart) / seconds, _memoryAtStart, memory, Larger(_peak, memory), allocated - _allocatedAtStart);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _looking;
        _stop.Dispose();
    }

    private async Task LookAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (_pid is not null && await timer.WaitForNextTickAsync(ct))
                _peak = Larger(_peak, Look().Memory);
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private static long? Larger(long? left, long? right) => left is null || right > left ? right : left;

    private static TimeSpan ClientTime()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    // Processor seconds and resident bytes of the process and its descendants.
    private (double? Seconds, long? Memory) Look()
    {
        if (_pid is not { } root || !OperatingSystem.IsLinux())
            return (null, null);
        var parents = new Dictionary<int, int>();
        var seconds = new Dictionary<int, double>();
        var memory = new Dictionary<int, long>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Fields(folder) is { } fields)
            {
                const double ticksPerSecond = 100;
                parents[pid] = int.Parse(fields[1], CultureInfo.InvariantCulture);
                seconds[pid] = (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / ticksPerSecond;
                memory[pid] = long.Parse(fields[21], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
            }
        }

        var family = seconds.Keys.Where(pid => Belongs(pid)).ToList();
        return family.Count == 0 ? (null, null) : (family.Sum(pid => seconds[pid]), family.Sum(pid => memory[pid]));

        bool Belongs(int pid)
        {
            while (pid != root && parents.TryGetValue(pid, out var parent))
                pid = parent;
            return pid == root;
        }
    }

    // The fields of /proc/PID/stat after the program's name, which may hold spaces and parentheses: state, parent, ...
    private static string[]? Fields(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
