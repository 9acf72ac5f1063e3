using System.Diagnostics.Metrics;
using Serve.Api.Models;

namespace Serve.Api.Telemetry;

/// <summary>Which models are in memory and what runs them, looked up when somebody reads the metrics.</summary>
internal sealed class ModelGauges
{
    public ModelGauges(IMeterFactory meters, ModelRegistry models)
    {
        var meter = meters.Create(DetectMetrics.MeterName);
        meter.CreateObservableGauge("serve.models.loaded", () => LoadedOf(models).Count(), "{model}", "Models in memory, each version counted.");
        meter.CreateObservableGauge("serve.models.known", () => models.Passports.Count, "{model}", "Models that can be asked for, each version counted.");
        meter.CreateObservableGauge("serve.model.info", () => LoadedOf(models).Select(Info), null, "Always 1: the device that runs a model, its family and its content.");
    }

    private static IEnumerable<Inference.Models.DetectionModel> LoadedOf(ModelRegistry models)
        => models.Passports.Select(models.Loaded).OfType<Inference.Models.DetectionModel>();

    private static Measurement<int> Info(Inference.Models.DetectionModel model) => new(1,
        new("model", model.Passport.Name), new("version", $"{model.Passport.Version}"), new("device", model.Device), new("family", model.Passport.Family),
        new("hash", model.ContentHash[..12]));
}
