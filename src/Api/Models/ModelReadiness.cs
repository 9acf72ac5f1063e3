using Microsoft.Extensions.Options;
using Serve.Api.Hosting;
using Serve.Inference.Repository;

namespace Serve.Api.Models;

/// <summary>Whether the models that are meant to be in memory answer: the default model where the settings name one, the pinned ones and those to preload.</summary>
internal sealed class ModelReadiness(ModelRepository models, IOptions<ServeOptions> options)
{
    /// <summary>
    /// What keeps the server from being ready: models of which no version answers, with their states. One version that answers is enough, also where a newer one
    /// failed; a model that was unloaded by request is not missed.
    /// </summary>
    public IReadOnlyList<string> Missing()
    {
        var missing = Meant().Where(version => version.State is ModelState.Loading or ModelState.Failed && !Answers(version.Name)).Select(TextOf);
        if (options.Value.DefaultModel is { } name && !models.Names.Contains(name))
            missing = missing.Append($"{name} (not there)");
        return [.. missing.Distinct()];
    }

    /// <summary>Versions that are meant to be in memory and failed, while another of their model answers.</summary>
    public IReadOnlyList<string> Failed()
        => [.. Meant().Where(version => version.State == ModelState.Failed && Answers(version.Name)).Select(version => $"{version.Name} {version.Version}").Distinct()];

    private IEnumerable<ModelVersion> Meant()
    {
        var preloaded = models.ToPreload(ModelsSetup.Listed(options.Value.PreloadModels));
        return options.Value.DefaultModel is { } name ? preloaded.Concat(models.Versions.Where(version => version.Name == name).TakeLast(1)) : preloaded;
    }

    private bool Answers(string name)
    {
        try
        {
            return models.Find(name, null).Loaded is not null;
        }
        catch (UnknownModelException)
        {
            // It was removed in this moment.
            return false;
        }
    }

    private static string TextOf(ModelVersion version) => $"{version.Name} {version.Version} ({version.State.ToString().ToLowerInvariant()})";
}
