using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Repository;

namespace Serve.Api.OpenInference;

/// <summary>The statistics extension. Load generators read it before and after a window.</summary>
internal static class StatisticsRoutes
{
    /// <summary>Statistics of every version in memory.</summary>
    public static JsonHttpResult<StatisticsDocument> All(ModelRepository models)
        => Answer([.. from version in models.Versions where version.Loaded is not null select Of(version.Name, version, version.Loaded!)]);

    /// <summary>Statistics of a model: of one version, or of all that are in memory where the path names none. Both views count in the same.</summary>
    public static JsonHttpResult<StatisticsDocument> OfModel(HttpContext context, ModelViews views, ModelRepository models)
    {
        var asked = AskedModel.Of(context);
        var found = views.Find(asked);
        return Answer(
        [
            .. from version in models.Versions
               where version.Loaded is not null && version.Name == found.Name && (asked.Version is null || version.Version == asked.Version)
               select Of(asked.Name, version, version.Loaded!),
        ]);
    }

    private static JsonHttpResult<StatisticsDocument> Answer(IReadOnlyList<ModelStatisticsDocument> models)
        => TypedResults.Json(new StatisticsDocument(models), OpenInferenceJson.Default.StatisticsDocument);

    private static ModelStatisticsDocument Of(string name, ModelVersion version, DetectionModel model)
    {
        var counts = model.Statistics.Snapshot();
        var none = new DurationDocument(0, 0);
        return new ModelStatisticsDocument(
            name, $"{version.Version}", counts.LastInference?.ToUnixTimeMilliseconds() ?? 0, counts.InferenceCount, counts.ExecutionCount,
            new InferenceStatisticsDocument(
                Of(counts.Success), Of(counts.Fail), Of(counts.Queue), Of(counts.ComputeInput), Of(counts.ComputeInfer), Of(counts.ComputeOutput), none, none),
            [.. counts.Batches.Select(batch => new BatchStatisticsDocument(batch.BatchSize, Of(batch.ComputeInput), Of(batch.ComputeInfer), Of(batch.ComputeOutput)))],
            [new MemoryUsageDocument(model.Device == "cpu" ? "CPU" : "GPU", DeviceNumber(model.Device), version.MemoryBytes)]);
    }

    private static DurationDocument Of(Duration duration) => new(duration.Count, duration.Nanoseconds);

    // cpu, cuda:1
    private static int DeviceNumber(string device) => device.IndexOf(':') is > 0 and var colon && int.TryParse(device.AsSpan(colon + 1), out var number) ? number : 0;
}
