using System.Text.Json;
using System.Text.Json.Serialization;
using Serve.Api.Evaluation.Reruns;
using Serve.Api.Evaluation.Storage;
using Serve.Eval.Reports;

namespace Serve.Api.Evaluation;

/// <summary>A protocol.</summary>
/// <param name="Name">Its name in requests.</param>
/// <param name="Description">What it measures.</param>
public sealed record ProtocolDocument(string Name, string Description);

/// <summary>The protocols this server evaluates under.</summary>
/// <param name="Protocols">By name.</param>
public sealed record ProtocolList(IReadOnlyList<ProtocolDocument> Protocols);

/// <summary>Asks for an evaluation: of a model that this server has, or of detections made elsewhere.</summary>
public sealed record EvaluationRequest
{
    /// <summary>Name of the dataset.</summary>
    public string? Dataset { get; init; }

    /// <summary>Number of the dataset's version; without it the current one.</summary>
    public int? DatasetVersion { get; init; }

    /// <summary>Its split; without it <c>test</c> where there is one, else the only one.</summary>
    public string? Split { get; init; }

    /// <summary>Name of the model to run. Either this or <see cref="Detections"/>.</summary>
    public string? Model { get; init; }

    /// <summary>Version of the model; without it the highest.</summary>
    public int? Version { get; init; }

    /// <summary>Name of the protocol; <c>coco-bbox</c> without it.</summary>
    public string? Protocol { get; init; }

    /// <summary>-10..10, 0 without it: higher ones come first. Above 0 needs the role host.</summary>
    public int? Priority { get; init; }

    /// <summary>`cpu` or `gpu`: what has to run the model; without it the device of the server that begins. Needs a model.</summary>
    public string? Device { get; init; }

    /// <summary>Whether the time that the model takes on single pictures is measured too; false without it. Needs a model.</summary>
    public bool? Latency { get; init; }

    /// <summary>
    /// Detections to evaluate, as in a COCO results file, with masks where the protocol compares masks. Either these or <see cref="Model"/>. In a form, the file itself, COCO JSON or CSV,
    /// compressed by gzip or not.
    /// </summary>
    public SubmittedDetections? Detections { get; init; }
}

/// <summary>One detection of a COCO results file.</summary>
/// <param name="ImageId">Id of the image in the dataset.</param>
/// <param name="CategoryId">Id of the category in the dataset.</param>
/// <param name="Score">Confidence.</param>
/// <param name="Bbox">Left, top, width and height in pixels of the image. When the first detection has none, boxes and areas of all are those of their masks.</param>
/// <param name="Segmentation">Its mask, of the image's size, for protocols that compare masks; without one the mask is the box. Where there is no box it has to be run lengths.</param>
public sealed record CocoDetection(
    [property: JsonPropertyName("image_id"), JsonRequired] long ImageId,
    [property: JsonPropertyName("category_id"), JsonRequired] long CategoryId,
    [property: JsonPropertyName("score"), JsonRequired] double Score,
    [property: JsonPropertyName("bbox")] IReadOnlyList<double>? Bbox = null,
    [property: JsonPropertyName("segmentation")] JsonElement? Segmentation = null);

/// <summary>One evaluation.</summary>
public sealed record EvaluationDocument
{
    /// <summary>Its identifier.</summary>
    public required string Id { get; init; }

    /// <summary>Where it stands.</summary>
    public required EvaluationState State { get; init; }

    /// <summary>Name of who asked for it.</summary>
    public string? Owner { get; init; }

    /// <summary>Share of the work that is done, 0..1; 1 only when the report is there.</summary>
    public required double Progress { get; init; }

    /// <summary>Name of the dataset.</summary>
    public required string Dataset { get; init; }

    /// <summary>Split of the dataset.</summary>
    public required string Split { get; init; }

    /// <summary>Hash of the dataset's version, as `GET /v1/datasets/{name}/versions` lists it; null for evaluations from before there were versions.</summary>
    public string? DatasetVersionHash { get; init; }

    /// <summary>Name of the model; null when detections were submitted.</summary>
    public string? Model { get; init; }

    /// <summary>Version of the model.</summary>
    public int? Version { get; init; }

    /// <summary>Name of the protocol.</summary>
    public required string Protocol { get; init; }

    /// <summary>Higher ones come first; 0 usually.</summary>
    public required int Priority { get; init; }

    /// <summary>`cpu` or `gpu`: what runs the model; null until that is known, and for submitted detections.</summary>
    public string? Device { get; init; }

    /// <summary>How long the model takes on single pictures, where that was asked for; null until it is measured.</summary>
    public LatencyReport? Latency { get; init; }

    /// <summary>What it waits for; null when it is worked on or will be within a moment, and when it is over.</summary>
    public string? Waiting { get; init; }

    /// <summary>Why it failed; null unless it did.</summary>
    public string? Error { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When work began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it was done, failed or cancelled.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The pieces of work; null until they are planned, and for submitted detections.</summary>
    public ShardCounts? Shards { get; init; }

    /// <summary>The number that results of the protocol are ranked by; null until it is done, and where there is none.</summary>
    public EvaluationHeadline? Headline { get; init; }

    /// <summary>What made the detections: one entry, or several where servers that differ took part. Null for submitted detections, until it is done, and in lists.</summary>
    public IReadOnlyList<DetectionOrigin>? Origins { get; init; }

    /// <summary>For an evaluation that was run again: whether it gave the same, and what differs. Null for others, and in lists.</summary>
    public RerunDocument? Rerun { get; init; }

    /// <summary>The report as <c>/report</c> answers it; null until it is done, and in lists.</summary>
    public JsonElement? Report { get; init; }

    /// <summary>What is not told because the dataset's annotations are private; empty when all is told. The report lists what it lacks by itself.</summary>
    public IReadOnlyList<string> Withheld { get; init; } = [];
}

/// <summary>The number that results of a protocol are ranked by.</summary>
/// <param name="Name">Its name, as in the report's summary.</param>
/// <param name="Value">The number.</param>
/// <param name="Lower">Lower end of its 95 % interval; null where it has none.</param>
/// <param name="Upper">Upper end.</param>
public sealed record EvaluationHeadline(string Name, double Value, double? Lower, double? Upper);

/// <summary>The pieces of work of an evaluation.</summary>
/// <param name="Total">Number of shards.</param>
/// <param name="Done">Finished shards.</param>
/// <param name="Reused">Finished shards whose detections another evaluation had already made.</param>
/// <param name="Attempts">Times a shard's detection was begun; more than <paramref name="Done"/> less <paramref name="Reused"/> while some run, or after a kill.</param>
public sealed record ShardCounts(int Total, int Done, int Reused, int Attempts);

/// <summary>Evaluations, newest first.</summary>
/// <param name="Evaluations">One page.</param>
/// <param name="Total">Number of all evaluations.</param>
/// <param name="Offset">Place of the page's first.</param>
/// <param name="Limit">Most entries in a page.</param>
public sealed record EvaluationList(IReadOnlyList<EvaluationDocument> Evaluations, int Total, int Offset, int Limit);

/// <summary>An event in an evaluation's stream.</summary>
/// <param name="Evaluation">The evaluation's id.</param>
/// <param name="State">Where it stands after the event.</param>
/// <param name="Progress">Share of the work that is done, 0..1.</param>
/// <param name="ShardsDone">Finished shards.</param>
/// <param name="Shards">Number of shards; null until they are planned.</param>
/// <param name="Shard">The shard that was finished, from 0; null for other events.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="At">When it happened.</param>
/// <param name="SecondsLeft">With progress: how long the rest will take, as the last images did; null at first.</param>
/// <param name="Retry">Of a shard that failed and is tried again: why and when.</param>
public sealed record EvaluationEvent(
    string Evaluation, EvaluationState State, double Progress, int ShardsDone, int? Shards, int? Shard, string? Error, DateTimeOffset At, double? SecondsLeft = null,
    ShardRetry? Retry = null);

/// <summary>A shard that failed and is tried again.</summary>
/// <param name="Cause">Why it failed.</param>
/// <param name="Attempt">Times it was begun; at the fifth failure the evaluation fails.</param>
/// <param name="Next">When it is begun again.</param>
public sealed record ShardRetry(string Cause, int Attempt, DateTimeOffset Next);
