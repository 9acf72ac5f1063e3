using System.Diagnostics;
using System.Diagnostics.Metrics;
using Serve.Inference.Models;

namespace Serve.Api.Telemetry;

/// <summary>Counts and times what the server does around the models; the models' own stages are measured where they run.</summary>
internal sealed class DetectMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Serve.Api";

    // Seconds: detection takes a few milliseconds to a few hundred, and a queue may add to that.
    private static readonly InstrumentAdvice<double> Buckets = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Histogram<double> _decode;
    private readonly Histogram<double> _total;
    private readonly Counter<long> _pictures;
    private readonly Counter<long> _rejections;

    public DetectMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _decode = meter.CreateHistogram("serve.detect.decode.duration", "s", "Decoding one picture file.", null, Buckets);
        _total = meter.CreateHistogram("serve.detect.duration", "s", "A whole detect request that was answered, from its first byte to its answer.", null, Buckets);
        _pictures = meter.CreateCounter<long>("serve.detect.pictures", "{picture}", "Pictures in detect requests that were answered.");
        _rejections = meter.CreateCounter<long>("serve.rejections", "{request}", "Requests that were refused, by cause.");
    }

    /// <summary>A picture was decoded.</summary>
    public void Decoded(Passport model, double milliseconds)
    {
        if (_decode.Enabled)
            _decode.Record(milliseconds / 1000, TagsOf(model));
    }

    /// <summary>A request was answered.</summary>
    public void Answered(Passport model, TimeSpan total, int pictures)
    {
        if (!_total.Enabled)
            return;
        var tags = TagsOf(model);
        _total.Record(total.TotalSeconds, tags);
        _pictures.Add(pictures, tags);
    }

    /// <summary>A request was refused.</summary>
    /// <param name="cause">Why, in a word or two; one of few.</param>
    public void Rejected(string cause) => _rejections.Add(1, new KeyValuePair<string, object?>("cause", cause));

    private static TagList TagsOf(Passport model) => new() { { "model", model.Name }, { "version", model.Version.ToString() } };
}
