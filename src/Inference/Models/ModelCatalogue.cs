namespace Serve.Inference.Models;

/// <summary>The models in a folder: <c>&lt;name&gt;/&lt;version&gt;/model.onnx</c> and <c>model.json</c>. Loaded when first asked for.</summary>
public sealed class ModelCatalogue : IAsyncDisposable
{
    /// <summary>Opens a models folder.</summary>
    public static ModelCatalogue Open(string folder, string device = "auto") => throw new NotImplementedException(folder + device);

    /// <summary>Passports of all models, all versions, by name and version.</summary>
    public IReadOnlyList<Passport> Passports => throw new NotImplementedException();

    /// <summary>The model of that name: the version asked for, or the highest.</summary>
    /// <exception cref="Serve.Eval.InvalidInputException">No such model; the message lists those there are.</exception>
    public Task<DetectionModel> GetAsync(string name, int? version, CancellationToken ct) => throw new NotImplementedException(name);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
