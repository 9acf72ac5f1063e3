namespace Serve.Inference.Families;

/// <summary>Keypoints of people, as COCO names and orders them.</summary>
internal static class HumanKeypoints
{
    /// <summary>COCO's seventeen.</summary>
    public static IReadOnlyList<string> Coco { get; } =
    [
        "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
        "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
    ];
}
