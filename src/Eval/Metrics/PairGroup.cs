namespace Serve.Eval.Metrics;

/// <summary>The detections and ground truths that may match each other: those of one image and one category.</summary>
/// <param name="Category">Index into the evaluated categories; 0 where categories are pooled.</param>
/// <param name="Image">Index into the evaluated images, which are in ascending order of id.</param>
/// <param name="DetectionStart">Position of its first detection. Detections stand by falling score, and no more than the largest limit.</param>
/// <param name="DetectionCount">Number of detections.</param>
/// <param name="GroundTruthStart">Position of its first ground truth. Ground truths stand in file order.</param>
/// <param name="GroundTruthCount">Number of ground truths.</param>
public readonly record struct PairGroup(int Category, int Image, int DetectionStart, int DetectionCount, int GroundTruthStart, int GroundTruthCount);
