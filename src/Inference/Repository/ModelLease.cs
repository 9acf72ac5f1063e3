using Serve.Inference.Models;

namespace Serve.Inference.Repository;

/// <summary>The right to use a loaded model. The model stays open until the lease is disposed, whatever happens to its files or its version meanwhile.</summary>
public sealed class ModelLease : IDisposable
{
    private LoadedVersion? _loaded;

    internal ModelLease(LoadedVersion loaded) => (_loaded, Model, Name, Version) = (loaded, loaded.Model, loaded.Files.Name, loaded.Files.Version);

    /// <summary>The model.</summary>
    public DetectionModel Model { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its version.</summary>
    public int Version { get; }

    /// <summary>Gives the model back; calls after the first do nothing.</summary>
    public void Dispose() => Interlocked.Exchange(ref _loaded, null)?.Release();
}
