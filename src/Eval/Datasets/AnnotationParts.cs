namespace Serve.Eval.Datasets;

/// <summary>What a reader keeps of each object or detection beyond its box. What nobody needs is passed over, which is faster and saves memory.</summary>
[Flags]
public enum AnnotationParts
{
    /// <summary>Box, category, score and area only.</summary>
    Boxes = 0,

    /// <summary>Also polygons and run lengths (<see cref="Dataset.Segmentations"/>, <see cref="DetectionTable.Segmentations"/>).</summary>
    Segmentations = 1,

    /// <summary>Also keypoints (<see cref="Dataset.Keypoints"/>, <see cref="DetectionTable.Keypoints"/>).</summary>
    Keypoints = 2,

    /// <summary>Everything.</summary>
    All = Segmentations | Keypoints,
}
