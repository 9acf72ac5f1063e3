using Serve.Inference.Models;

namespace Serve.Cli.Models;

/// <summary>A model that a command uses, with what must be disposed after it.</summary>
internal sealed record LoadedModel(DetectionModel Model, IAsyncDisposable Owner) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Owner.DisposeAsync();
}
