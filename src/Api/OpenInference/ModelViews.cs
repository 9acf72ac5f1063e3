using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Serve.Api.Detection;
using Serve.Api.Hosting;
using Serve.Inference.Models;
using Serve.Inference.Repository;

namespace Serve.Api.OpenInference;

/// <summary>The two views of each model: <c>name</c> takes pictures and gives detections, <c>name.raw</c> is the graph itself.</summary>
internal sealed class ModelViews(ModelRepository models, PictureDetection detection, IOptions<ServeOptions> options)
{
    /// <summary>What the name of a raw view has after the model's.</summary>
    public const string RawEnding = ".raw";

    // A model's views hold nothing but the model, and go with it.
    private readonly ConditionalWeakTable<DetectionModel, Views> _views = [];

    /// <summary>The version that answers, as it stands.</summary>
    /// <exception cref="UnknownModelException">No such model or version.</exception>
    public ModelVersion Find(AskedModel asked) => models.Find(ModelOf(asked.Name).Model, asked.Version);

    /// <summary>Versions of a model, rising, as the protocol writes them.</summary>
    public IEnumerable<string> VersionsOf(string model) => models.Versions.Where(version => version.Name == model).Select(version => $"{version.Version}");

    /// <summary>A view to ask, its model loaded when it is not yet; it stays as it is until the lease is disposed.</summary>
    /// <exception cref="UnknownModelException">No such model or version.</exception>
    /// <exception cref="ModelUnavailableException">It cannot be loaded, or was unloaded by request.</exception>
    public async ValueTask<ViewLease> AcquireAsync(AskedModel asked, CancellationToken ct)
    {
        var (name, isRaw) = ModelOf(asked.Name);
        var lease = await models.AcquireAsync(name, asked.Version, ct);
        try
        {
            var views = _views.GetValue(lease.Model, model => new Views(
                new DecodedView(model, lease.Name, detection, options.Value), new RawView(model, lease.Name + RawEnding, options.Value)));
            return new ViewLease(lease, isRaw ? views.Raw : views.Decoded);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    // A model may itself be named so.
    private (string Model, bool IsRaw) ModelOf(string name)
        => name.EndsWith(RawEnding, StringComparison.Ordinal) && !models.Names.Contains(name) ? (name[..^RawEnding.Length], true) : (name, false);

    private sealed record Views(IInferenceView Decoded, IInferenceView Raw);
}

/// <summary>The right to ask a view of a model.</summary>
internal sealed class ViewLease(ModelLease lease, IInferenceView view) : IDisposable
{
    /// <summary>The view.</summary>
    public IInferenceView View => view;

    /// <summary>Its model.</summary>
    public DetectionModel Model => lease.Model;

    /// <inheritdoc/>
    public void Dispose() => lease.Dispose();
}
