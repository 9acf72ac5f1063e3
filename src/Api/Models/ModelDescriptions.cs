using System.Text.Json;
using Serve.Api.Hosting;
using Serve.Inference.Repository;

namespace Serve.Api.Models;

/// <summary>Describes models on the wire, without the places where this server keeps its files.</summary>
internal sealed class ModelDescriptions(ServeFolders folders)
{
    public ModelList List(ModelRepository models)
    {
        var versions = models.Versions;
        return new ModelList(
            [.. versions.Select(Summary)], models.DefaultName,
            [.. models.Faults.Concat(versions.Where(version => version.State == ModelState.Failed).Select(version => version.Reason)).Select(folders.WithoutPaths)],
            models.MemoryBytes);
    }

    /// <summary>One version in full; its tag also goes into the answer's <c>ETag</c>.</summary>
    public ModelDocument Of(ModelVersion version, ModelRepository models, HttpResponse response)
    {
        response.Headers.ETag = $"\"{version.Tag}\"";
        ModelVersion[] all = [.. models.Versions.Where(other => other.Name == version.Name)];
        var (passport, loaded) = (version.Passport, version.Loaded);
        return new ModelDocument(
            version.Name, version.Version, [.. all.Select(other => other.Version)],
            [.. all.Select(other => new VersionState(other.Version, other.State, folders.WithoutPaths(other.Reason)))],
            version.State, folders.WithoutPaths(version.Reason), version.Tag, passport?.Family, version.Explanation, loaded is not null, version.Pinned, version.InUse,
            version.MemoryBytes, loaded?.Device, loaded?.DeviceReason, loaded?.MaxBatch, loaded?.ContentHash,
            passport is null ? null : JsonDocument.Parse(passport.ToJson()).RootElement);
    }

    private ModelSummary Summary(ModelVersion version) => new(
        version.Name, version.Version, version.State, folders.WithoutPaths(version.Reason), version.Passport?.Family,
        [.. version.Passport?.Categories.Select(category => category.Name) ?? []], version.Passport?.Input.Width, version.Passport?.Input.Height,
        version.Passport?.ScoreThreshold, version.Loaded is not null, version.Pinned, version.MemoryBytes);
}
