using Serve.Eval;
using Serve.Inference.Models;

namespace Serve.Inference.Repository;

/// <summary>A model that was just opened.</summary>
/// <param name="Model">The model, warmed up.</param>
/// <param name="MemoryBytes">What it holds in memory.</param>
internal sealed record OpenedModel(DetectionModel Model, long MemoryBytes)
{
    /// <summary>Opens and warms up a version.</summary>
    /// <exception cref="InvalidInputException">It cannot be served; the message says why.</exception>
    public static OpenedModel Open(FoundVersion files, DetectionModelOptions options)
    {
        var model = DetectionModel.Load(files.Graph, options, files.Name, files.Version);
        return new OpenedModel(model, model.MemoryBytes);
    }
}
