namespace Serve.Eval.Coco;

/// <summary>What overlap is measured on.</summary>
public enum IouKind
{
    /// <summary>Boxes: intersection over union.</summary>
    Boxes,

    /// <summary>Masks: intersection over union of pixels.</summary>
    Masks,

    /// <summary>Masks: the lower of intersection over union of pixels and of boundary regions (Cheng et al., "Boundary IoU", CVPR 2021).</summary>
    Boundaries,

    /// <summary>Keypoints: object keypoint similarity.</summary>
    Keypoints,
}
