using Serve.Inference.Models;
using Serve.Inference.Repository;

namespace Serve.Cli.Models;

/// <summary>A model that a command uses, with what must be disposed after it.</summary>
internal sealed record LoadedModel(DetectionModel Model, IAsyncDisposable Owner, ModelLease? Lease = null) : IAsyncDisposable
{
    public ValueTask DisposeAsync()
    {
        Lease?.Dispose();
        return Owner.DisposeAsync();
    }
}
