using Serve.Inference.Models;

namespace Serve.Inference.Repository;

/// <summary>How a models folder is kept.</summary>
public sealed record ModelRepositoryOptions
{
    /// <summary>How its models are run.</summary>
    public DetectionModelOptions Models { get; init; } = new();

    /// <summary>The model that answers requests which name none; null for the first by name.</summary>
    public string? DefaultName { get; init; }

    /// <summary>Which versions are served where a model's <c>policy.json</c> says nothing.</summary>
    public VersionPolicy Versions { get; init; } = VersionPolicy.Latest;

    /// <summary>Models that are never unloaded to make room: <c>name</c>, or <c>name:version</c> for one version.</summary>
    public IReadOnlyList<string> Pinned { get; init; } = [];

    /// <summary>Bytes that loaded models may hold together; the least recently used is unloaded for another. 0 for no limit.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Whether changes of the folder are followed while running.</summary>
    public bool Watch { get; init; }

    /// <summary>How long the files of a version must stay as they are before they are taken for complete, and be gone before the version is.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the folder is looked at without having been told of a change, as on network shares, which tell nothing.</summary>
    public TimeSpan Rescan { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a load waits for the requests of a model that has to leave for it.</summary>
    public TimeSpan DrainWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Opens and warms up a version; replaced in tests.</summary>
    internal Func<FoundVersion, DetectionModelOptions, OpenedModel> Open { get; init; } = OpenedModel.Open;
}
