using Serve.Eval;
using Serve.Eval.Datasets;

namespace Serve.EvalCli;

/// <summary>What <c>serve evaluate</c> evaluates, and what to call it in reports.</summary>
/// <param name="Dataset">Ground truth.</param>
/// <param name="Detections">Detections on its images.</param>
/// <param name="TruthName">Name of the dataset, or of its annotation file.</param>
/// <param name="DetectionsName">Name of the file with the detections; null where a model made them.</param>
/// <param name="Model">The model that made them; null where they are from a file.</param>
internal sealed record EvaluationInput(Dataset Dataset, DetectionTable Detections, string TruthName, string? DetectionsName, string? Model);

/// <summary>What an evaluation needs of its input.</summary>
/// <param name="Protocol">The protocol: which parts of annotations it compares, and how many detections.</param>
/// <param name="Hash">Whether the hash of the annotations is told, in a report; it takes half of their reading's time.</param>
internal sealed record InputNeeds(Protocol Protocol, bool Hash);
