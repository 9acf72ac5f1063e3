using System.Diagnostics.Metrics;
using Serve.Inference.Repository;

namespace Serve.Api.Telemetry;

/// <summary>Which models are in memory and what runs them, looked up when somebody reads the metrics.</summary>
internal sealed class ModelGauges
{
    public ModelGauges(IMeterFactory meters, ModelRepository models)
    {
        var meter = meters.Create(DetectMetrics.MeterName);
        meter.CreateObservableGauge("serve.models", () => States(models), "{version}", "Versions of models, by state.");
        meter.CreateObservableGauge("serve.models.memory", () => models.MemoryBytes, "By", "Memory that all loaded models hold.");
        meter.CreateObservableGauge("serve.model.memory", () => Of(models, version => version.MemoryBytes), "By", "Memory that a loaded model holds.");
        meter.CreateObservableGauge("serve.model.requests", () => Of(models, version => version.InUse), "{request}", "Requests that a model is answering.");
        meter.CreateObservableGauge("serve.model.info", () => LoadedOf(models).Select(Info), null, "Always 1: the device that runs a model, its family and its content.");
    }

    private static IEnumerable<Measurement<int>> States(ModelRepository models)
    {
        // Each state, also those that none is in: an alarm needs the zero.
        var versions = models.Versions;
        return Enum.GetValues<ModelState>().Select(state => new Measurement<int>(
            versions.Count(version => version.State == state), new KeyValuePair<string, object?>("state", state.ToString().ToLowerInvariant())));
    }

    private static IEnumerable<Measurement<long>> Of(ModelRepository models, Func<ModelVersion, long> value)
        => LoadedOf(models).Select(version => new Measurement<long>(value(version), new("model", version.Name), new("version", version.Version)));

    private static Measurement<int> Info(ModelVersion version) => new(1,
        new("model", version.Name), new("version", version.Version), new("device", version.Loaded!.Device), new("family", version.Loaded.Passport.Family),
        new("hash", version.Loaded.ContentHash[..12]));

    private static IEnumerable<ModelVersion> LoadedOf(ModelRepository models) => models.Versions.Where(version => version.Loaded is not null);
}
