using Serve.Inference.Models;

namespace Serve.Inference.Repository;

/// <summary>What the repository knows of one version. Everything here is read and written under the table's gate.</summary>
internal sealed class ModelEntry(FoundVersion files)
{
    public string Name { get; } = files.Name;

    public int Version { get; } = files.Version;

    /// <summary>Its files as they were taken over last.</summary>
    public FoundVersion Files { get; set; } = files;

    /// <summary>Rises whenever what should be in memory changes, so that a load that began before can tell.</summary>
    public int Generation { get; set; }

    public ModelState State { get; set; }

    public string Reason { get; set; } = "";

    public Passport? Passport { get; set; }

    public IReadOnlyList<string> Explanation { get; set; } = [];

    /// <summary>What answers; null when nothing does.</summary>
    public LoadedVersion? Current { get; set; }

    /// <summary>The load that is under way, with or without something that answers meanwhile.</summary>
    public Task<LoadedVersion>? Load { get; set; }

    /// <summary>The load was begun because the version is new, not because somebody waits for it.</summary>
    public bool IsArriving { get; set; }

    /// <summary>Unloaded by request: it is not loaded again until that is asked for.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Its files are gone; it only finishes what is in flight.</summary>
    public bool IsRemoved { get; set; }

    public bool IsPinned { get; set; }

    /// <summary>Place in the order of use over all models; rising.</summary>
    public long LastUse { get; set; }

    /// <summary>As it stands now.</summary>
    public ModelVersion Snapshot() => new(
        Name, Version, State, Reason, Current?.Model.Passport ?? Passport, Current?.Model.Explanation ?? Explanation, Current?.Model, IsPinned, Current?.MemoryBytes ?? 0, Current?.Leases ?? 0, Files.Tag);
}
