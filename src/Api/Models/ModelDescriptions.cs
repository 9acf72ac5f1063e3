using System.Globalization;
using System.Text.Json;
using Serve.Api.Hosting;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Repository;

namespace Serve.Api.Models;

/// <summary>Describes models on the wire, without the places where this server keeps its files.</summary>
internal sealed class ModelDescriptions(ServeFolders folders)
{
    private const double NanosecondsPerMillisecond = 1e6;

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
            version.MemoryBytes, loaded?.Device, loaded?.DeviceReason, loaded?.MaxBatch, Execution(loaded?.Execution), Statistics(loaded?.Statistics.Snapshot()), loaded?.ContentHash,
            passport is null ? null : JsonDocument.Parse(passport.ToJson()).RootElement);
    }

    private static ExecutionDocument? Execution(ExecutionReport? report) => report is null ? null : new(
        report.Provider, report.NodesPerProvider, report.Runners, report.ThreadsAlone, report.ThreadsShared, report.FavouredBatch, Round(report.MillisecondsAlone),
        report.MillisecondsPerBatch.ToDictionary(batch => batch.Key.ToString(CultureInfo.InvariantCulture), batch => Round(batch.Value)));

    private static StatisticsDocument? Statistics(StatisticsSnapshot? counts) => counts is null ? null : new(
        counts.InferenceCount, counts.ExecutionCount, counts.Success.Count, counts.Fail.Count, Round(counts.Queue.Nanoseconds / NanosecondsPerMillisecond),
        Round(counts.ComputeInfer.Nanoseconds / NanosecondsPerMillisecond), counts.LastInference);

    private static double Round(double milliseconds) => Math.Round(milliseconds, 3);

    private ModelSummary Summary(ModelVersion version) => new(
        version.Name, version.Version, version.State, folders.WithoutPaths(version.Reason), version.Passport?.Family,
        [.. version.Passport?.Categories.Select(category => category.Name) ?? []], version.Passport?.Input.Width, version.Passport?.Input.Height,
        version.Passport?.ScoreThreshold, version.Loaded is not null, version.Pinned, version.MemoryBytes);
}
