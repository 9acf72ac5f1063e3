using System.Diagnostics.Metrics;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace Serve.Inference.Detection;

/// <summary>Metrics of the meter <see cref="MeterName"/>, tagged with model, version and provider. While nobody listens they cost a comparison each.</summary>
public sealed class InferenceMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Serve.Inference";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Histogram<double> Stages = Meter.CreateHistogram(
        "serve.inference.stage.duration", "s", "Time of a request in a stage: queue, preprocess, infer, postprocess.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });

    private static readonly Histogram<int> Batches = Meter.CreateHistogram(
        "serve.inference.batch.size", "{picture}", "Pictures of a run.",
        advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128] });

    private static readonly Counter<long> Rejections = Meter.CreateCounter<long>(
        "serve.inference.rejections", "{request}", "Requests that were not answered, by cause: queue-full, timeout, cancelled, failed.");

    private readonly Tags _tags;
    private readonly Tags _queue, _preprocess, _infer, _postprocess;

    internal InferenceMetrics(string model, int version, string provider)
    {
        _tags = [new("model", model), new("version", version), new("provider", provider)];
        Tags Stage(string name) => [.. _tags, new("stage", name)];
        (_queue, _preprocess, _infer, _postprocess) = (Stage("queue"), Stage("preprocess"), Stage("infer"), Stage("postprocess"));
    }

    internal void Ran(int size)
    {
        if (Batches.Enabled)
            Batches.Record(size, _tags);
    }

    internal void Succeeded(in StageTimes stages)
    {
        if (!Stages.Enabled)
            return;
        Stages.Record(stages.Queue.TotalSeconds, _queue);
        Stages.Record(stages.Input.TotalSeconds, _preprocess);
        Stages.Record(stages.Infer.TotalSeconds, _infer);
        Stages.Record(stages.Output.TotalSeconds, _postprocess);
    }

    internal void Failed(Exception cause)
    {
        if (!Rejections.Enabled)
            return;
        var name = cause switch
        {
            QueueFullException => "queue-full",
            RequestTimeoutException => "timeout",
            OperationCanceledException => "cancelled",
            _ => "failed",
        };
        Rejections.Add(1, [.. _tags, new("cause", name)]);
    }
}
