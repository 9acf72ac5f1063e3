namespace Serve.Inference.Drawing;

/// <summary>Which keypoints are joined by lines.</summary>
internal static class Skeleton
{
    private const int CocoKeypoints = 17;

    // nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles: left before right.
    private static readonly (int From, int To)[] CocoPerson =
    [
        (15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8), (7, 9), (8, 10), (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6),
    ];

    /// <summary>The lines of COCO's person for its seventeen keypoints; of other numbers nothing is known, and points stand alone.</summary>
    public static IReadOnlyList<(int From, int To)> Of(int keypoints) => keypoints == CocoKeypoints ? CocoPerson : [];
}
