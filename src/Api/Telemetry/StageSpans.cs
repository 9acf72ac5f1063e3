using System.Diagnostics;
using Serve.Inference.Detection;
using Serve.Inference.Repository;

namespace Serve.Api.Telemetry;

/// <summary>Spans of a detect request and its stages, below the span of the HTTP request. Nothing is made when nobody samples.</summary>
internal static class StageSpans
{
    /// <summary>Name of the source.</summary>
    public const string SourceName = "Serve.Api";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins the span of a detect request; null when nobody samples.</summary>
    public static Activity? Detect() => Source.StartActivity("detect");

    /// <summary>Says which model answers.</summary>
    public static void Tag(Activity? span, ModelLease model) => span?.SetTag("serve.model", model.Name).SetTag("serve.version", model.Version);

    /// <summary>Adds the spans of one picture, one after the other, from what was measured.</summary>
    /// <param name="begun">When its decoding began.</param>
    /// <param name="decodeMilliseconds">How long that took.</param>
    /// <param name="timings">The model's stages.</param>
    public static void Add(DateTimeOffset begun, double decodeMilliseconds, DetectionTimings timings)
    {
        if (!Source.HasListeners())
            return;
        var at = Add("decode", begun, decodeMilliseconds);
        at = Add("preprocess", at, timings.Preprocess);
        at = Add("queue", at, timings.Queue);
        at = Add("infer", at, timings.Infer);
        Add("postprocess", at, timings.Postprocess);
    }

    private static DateTimeOffset Add(string name, DateTimeOffset from, double milliseconds)
    {
        var to = from.AddMilliseconds(milliseconds);
        using var span = Source.StartActivity(name, ActivityKind.Internal, parentContext: default, startTime: from);
        span?.SetEndTime(to.UtcDateTime);
        return to;
    }
}
