using Microsoft.Extensions.Options;
using Serve.Api.Hosting;
using Serve.Inference.Models;

namespace Serve.Api.Jobs;

/// <summary>This process among those that share a database.</summary>
internal sealed class Node
{
    /// <summary>The devices that jobs ask for, and groups of the engine: each node serves its own.</summary>
    public const string Cpu = "cpu", Gpu = "gpu";

    /// <summary>What is at the paths that a worker does not answer.</summary>
    public const string WorkerText = "This is a worker (Serve:Role): it runs jobs, and answers /health and /metrics only. Ask a server of the role api or all.";

    private readonly ServeOptions _options;
    private readonly Lazy<string> _device;

    public Node(IOptions<ServeOptions> options, TimeProvider time)
    {
        _options = options.Value;
        StartedAt = time.GetUtcNow().UtcDateTime;
        _device = new(() => new DetectionModelOptions { Device = _options.Device }.IsCpu ? Cpu : Gpu);
    }

    /// <summary>Its name; of all that share a database no two have the same.</summary>
    public string Name => _options.Node ?? $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary><c>all</c>, <c>api</c> or <c>worker</c>.</summary>
    public string Role => _options.Role;

    /// <summary>True when it runs jobs.</summary>
    public bool RunsJobs => Role != "api";

    /// <summary>True when it answers more than whether it lives.</summary>
    public bool Answers => Role != "worker";

    /// <summary>True when other processes may use the same database.</summary>
    public bool IsShared => _options.Database.IsPostgres;

    /// <summary>Tells two processes of one name apart.</summary>
    public string Instance { get; } = Guid.NewGuid().ToString("N");

    public DateTime StartedAt { get; }

    /// <summary>What runs its models: <see cref="Cpu"/> or <see cref="Gpu"/>.</summary>
    public string Device => _device.Value;

    /// <summary>Jobs that it runs at the same time.</summary>
    public int Slots => _options.MaxConcurrentJobs;

    /// <summary>Those of them that may use its GPU.</summary>
    public int GpuSlots => _options.GpuSlots;

    /// <summary>The program's version.</summary>
    public static string Version { get; } = typeof(Node).Assembly.GetName().Version?.ToString(3) ?? "";
}
