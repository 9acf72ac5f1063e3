using System.Diagnostics.Metrics;
using Serve.Inference.Models;
using Serve.Inference.Repository;

namespace Serve.Api.Telemetry;

/// <summary>Which models are in memory, what they hold and what runs them, looked up when somebody reads the metrics.</summary>
internal sealed class ModelGauges
{
    public ModelGauges(IMeterFactory meters, ModelRepository models)
    {
        var meter = meters.Create(DetectMetrics.MeterName);
        meter.CreateObservableGauge("serve.models.loaded", () => LoadedOf(models).Count(), "{model}", "Models in memory, each version counted.");
        meter.CreateObservableGauge("serve.models.known", () => models.Versions.Count, "{model}", "Models that can be asked for, each version counted.");
        meter.CreateObservableGauge(
            "serve.models.failed", () => models.Versions.Count(version => version.State == ModelState.Failed), "{model}", "Models that could not be loaded, each version counted.");
        meter.CreateObservableGauge("serve.model.memory", () => LoadedOf(models).Select(Memory), "By", "Memory that a model holds, about.");
        meter.CreateObservableGauge("serve.model.info", () => LoadedOf(models).Select(Info), null, "Always 1: the device that runs a model, its family and its content.");
    }

    private static IEnumerable<(ModelVersion Version, DetectionModel Model)> LoadedOf(ModelRepository models)
        => models.Versions.Where(version => version.Loaded is not null).Select(version => (version, version.Loaded!));

    private static Measurement<long> Memory((ModelVersion Version, DetectionModel Model) loaded) => new(loaded.Version.MemoryBytes,
        new("model", loaded.Version.Name), new("version", $"{loaded.Version.Version}"));

    private static Measurement<int> Info((ModelVersion Version, DetectionModel Model) loaded) => new(1,
        new("model", loaded.Version.Name), new("version", $"{loaded.Version.Version}"), new("device", loaded.Model.Device),
        new("family", loaded.Model.Passport.Family), new("hash", loaded.Model.ContentHash[..12]));
}
