using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Coco;

/// <summary>What keypoint evaluation asks of its input, and what it ignores.</summary>
internal static class KeypointRules
{
    /// <summary>Ground truths that nobody has to find: crowds, and objects without labelled keypoints.</summary>
    /// <exception cref="InvalidInputException">The dataset has no keypoints, or an object lacks <c>num_keypoints</c>.</exception>
    public static bool[] Ignored(Dataset dataset, int[] rows)
    {
        var keypoints = Required(dataset);
        return Array.ConvertAll(rows, row =>
        {
            if (keypoints.LabelledOf(row) < 0)
                throw new InvalidInputException($"annotation id {dataset.GroundTruths[row].Id} has no \"num_keypoints\"; coco-keypoints needs it.");
            return dataset.GroundTruths[row].IsCrowd || keypoints.LabelledOf(row) == 0;
        });
    }

    /// <summary>The similarity of keypoints.</summary>
    /// <exception cref="InvalidInputException">Keypoints are missing, or are not as many as there are sigmas.</exception>
    public static KeypointOverlap Overlap(Dataset dataset, DetectionTable detections, CocoProtocol protocol, GroupedRows rows)
    {
        var (wanted, found) = (Required(dataset), detections.Keypoints ?? (detections.Count == 0 ? new() : throw Missing("detections")));
        // Only those that are compared: a group may have no partner.
        foreach (var group in rows.Groups.Where(group => group.DetectionCount > 0 && group.GroundTruthCount > 0))
        {
            foreach (var row in rows.GroundTruths.AsSpan(group.GroundTruthStart, group.GroundTruthCount))
            {
                if (wanted.CountOf(row) != protocol.Sigmas.Count)
                    throw WrongCount(wanted.CountOf(row), protocol, $"annotation id {dataset.GroundTruths[row].Id}");
            }
            foreach (var row in rows.Detections.AsSpan(group.DetectionStart, group.DetectionCount))
            {
                if (found.CountOf(row) != protocol.Sigmas.Count)
                    throw WrongCount(found.CountOf(row), protocol, $"detection #{row + 1}");
            }
        }
        return new(protocol.Sigmas)
        {
            Objects = dataset.GroundTruths,
            ObjectKeypoints = wanted,
            DetectionKeypoints = found,
            ObjectRows = rows.GroundTruths,
            DetectionRows = rows.Detections,
        };
    }

    private static KeypointTable Required(Dataset dataset) => dataset.Keypoints ?? (dataset.GroundTruths.Count == 0 ? new() : throw Missing("annotations"));

    private static InvalidInputException Missing(string what) => new($"the {what} have no keypoints; coco-keypoints compares keypoints.");

    private static InvalidInputException WrongCount(int count, CocoProtocol protocol, string what)
        => new($"{what} has {count} keypoints; there are {protocol.Sigmas.Count} sigmas, one a keypoint (set \"sigmas\" in the parameters for other keypoints than COCO's).");
}
