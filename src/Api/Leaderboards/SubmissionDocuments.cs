using System.Text.Json;
using System.Text.Json.Serialization;
using Serve.Api.Evaluation;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Leaderboards.Storage;

namespace Serve.Api.Leaderboards;

/// <summary>Submits a method: a model of this server, or detections made elsewhere.</summary>
public sealed record SubmissionRequest
{
    /// <summary>What to call the method, up to 100 characters. Submissions of one submitter under one name are its history.</summary>
    public string? Method { get; init; }

    /// <summary>A text about it.</summary>
    public string? Description { get; init; }

    /// <summary>Name of the model to run. Either this or `detections`.</summary>
    public string? Model { get; init; }

    /// <summary>Version of the model; without it the highest.</summary>
    public int? Version { get; init; }

    /// <summary>Under <c>usb</c>, the evaluation division to compete in, such as <c>Standard</c>: the model's input is scaled down to its limit.</summary>
    public string? Division { get; init; }

    /// <summary>Detections by dataset of the leaderboard, each as in a COCO results file.</summary>
    public IReadOnlyDictionary<string, SubmittedDetections>? Detections { get; init; }

    /// <summary>Under <c>usb</c>, how the method came about, where no passport says it.</summary>
    public DeclaredTraining? Declared { get; init; }
}

/// <summary>How a method came about, as its submitter states it. The fields are those of a passport's provenance.</summary>
public sealed record DeclaredTraining
{
    /// <summary>What it was trained on last, together.</summary>
    public IReadOnlyList<DeclaredData>? TrainedOn { get; init; }

    /// <summary>What it was trained on before that, one after another.</summary>
    public IReadOnlyList<DeclaredData>? PretrainedOn { get; init; }

    /// <summary>Kinds of annotations it learnt from, such as <c>boxes</c> and <c>masks</c>.</summary>
    public IReadOnlyList<string>? AnnotationTypes { get; init; }

    /// <summary>Whether hyper-parameters were optimised aggressively.</summary>
    public bool? AggressiveTuning { get; init; }

    /// <summary>Size of the largest resized image before padding, <c>width x height</c>.</summary>
    public string? TestResolution { get; init; }

    /// <summary>Whether detections of several forms of each image were merged.</summary>
    public bool? TestTimeAugmentation { get; init; }
}

/// <summary>Training on one dataset.</summary>
/// <param name="Name">Dataset and split, as <c>coco/train2017</c>.</param>
/// <param name="Epochs">Passes over it.</param>
public sealed record DeclaredData([property: JsonRequired] string Name, [property: JsonRequired] double Epochs);

/// <summary>Where a submission stands. On the wire in lower case.</summary>
[JsonConverter(typeof(SubmissionStateConverter))]
public enum SubmissionState
{
    /// <summary>Accepted, not begun.</summary>
    Queued,

    /// <summary>Being evaluated.</summary>
    Running,

    /// <summary>All its evaluations are done.</summary>
    Done,

    /// <summary>One of its evaluations failed.</summary>
    Failed,

    /// <summary>One of its evaluations was cancelled.</summary>
    Cancelled,

    /// <summary>Withdrawn by its submitter, the leaderboard's owner or an administrator.</summary>
    Withdrawn,
}

/// <summary>Writes <c>queued</c>, <c>running</c>, <c>done</c>, <c>failed</c>, <c>cancelled</c>, <c>withdrawn</c>.</summary>
internal sealed class SubmissionStateConverter() : JsonStringEnumConverter<SubmissionState>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

/// <summary>A submission.</summary>
public sealed record SubmissionDocument
{
    /// <summary>Its identifier.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the leaderboard.</summary>
    public required string Leaderboard { get; init; }

    /// <summary>What its submitter calls the method.</summary>
    public required string Method { get; init; }

    /// <summary>Name of who submitted it.</summary>
    public required string Submitter { get; init; }

    /// <summary>What was submitted.</summary>
    public required SubmissionKind Kind { get; init; }

    /// <summary>The model, when it is one that this server serves.</summary>
    public string? Model { get; init; }

    /// <summary>Its version.</summary>
    public int? ModelVersion { get; init; }

    /// <summary>A text about it.</summary>
    public string? Description { get; init; }

    /// <summary>Where it stands.</summary>
    public required SubmissionState State { get; init; }

    /// <summary>Share of the work that is done, 0..1.</summary>
    public required double Progress { get; init; }

    /// <summary>Why it failed; null unless it did.</summary>
    public string? Error { get; init; }

    /// <summary>When it was submitted.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>When it was done, failed, cancelled or withdrawn.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Its evaluations, one a dataset of the leaderboard.</summary>
    public required IReadOnlyList<SubmissionEvaluation> Evaluations { get; init; }

    /// <summary>The number that ranks it; null unless it is done.</summary>
    public HeadlineNumber? Headline { get; init; }

    /// <summary>What it qualifies for; null unless it is done, and where the protocol has no divisions.</summary>
    public SubmissionDivision? Division { get; init; }

    /// <summary>What the submitter may still submit today; in the answer to a submission only.</summary>
    public SubmissionQuota? Quota { get; init; }
}

/// <summary>An evaluation of a submission.</summary>
/// <param name="Dataset">Name of the dataset.</param>
/// <param name="Split">Its split.</param>
/// <param name="Id">The evaluation.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Progress">Share of its work that is done, 0..1.</param>
public sealed record SubmissionEvaluation(string Dataset, string Split, string Id, EvaluationState State, double Progress);

/// <summary>Submissions, newest first.</summary>
/// <param name="Submissions">One page.</param>
/// <param name="Total">Number of all that were asked for.</param>
/// <param name="Offset">Place of the page's first.</param>
/// <param name="Limit">Most entries in a page.</param>
public sealed record SubmissionList(IReadOnlyList<SubmissionDocument> Submissions, int Total, int Offset, int Limit);
