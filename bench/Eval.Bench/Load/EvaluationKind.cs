using Serve.Eval.Coco;

namespace Serve.Eval.Bench.Load;

/// <summary>What is compared with what: the three kinds of the COCO protocol.</summary>
/// <param name="Name">The kind in a table.</param>
/// <param name="Protocol">Its protocol.</param>
/// <param name="Reference">The name that the reference evaluator and its relatives give it.</param>
/// <param name="Truth">Name of the annotation file in a load's folder.</param>
/// <param name="Detections">Name of the results file in a load's folder.</param>
internal sealed record EvaluationKind(string Name, Protocol Protocol, string Reference, string Truth, string Detections)
{
    public static EvaluationKind Boxes { get; } = new("boxes", CocoProtocol.BoundingBox, "bbox", "gt.json", "dt_bbox.json");

    public static EvaluationKind Masks { get; } = new("masks", CocoProtocol.Masks, "segm", "gt.json", "dt_segm.json");

    public static EvaluationKind Keypoints { get; } = new("keypoints", CocoProtocol.Keypoints, "keypoints", "gt_kpts.json", "dt_kpts.json");

    public static IReadOnlyList<EvaluationKind> All { get; } = [Boxes, Masks, Keypoints];

    /// <summary>Paths of the two files.</summary>
    public (string Truth, string Detections) FilesIn(string folder) => (Path.Combine(folder, Truth), Path.Combine(folder, Detections));

    /// <summary>Whether a folder holds both files.</summary>
    public bool IsIn(string folder) => File.Exists(Path.Combine(folder, Truth)) && File.Exists(Path.Combine(folder, Detections));
}
