namespace Serve.Inference.Decoding;

/// <summary>Whether the outputs of a batch tell which picture a location belongs to.</summary>
internal static class PictureRows
{
    /// <summary>
    /// True where they do: by a dimension of the batch, by the picture's number in each row, or by the number of rows of each picture. Where they do not, each picture
    /// of a batch would get the detections of all.
    /// </summary>
    public static bool AreTold(DecodingSpec spec)
    {
        TensorPart?[] parts = [spec.Boxes, spec.Sizes, spec.Scores, spec.Labels, spec.Objectness, spec.Masks?.Coefficients, spec.Keypoints?.Part, spec.Keypoints?.Scores];
        string?[] ofLocations = [.. parts.Select(part => part?.Axes), spec.Masks is { Frame: not MaskFrame.Prototypes } masks ? masks.Axes : null];
        if (spec.Count is { } count && !HasBatch(count.Axes) || spec.Masks is { Frame: MaskFrame.Prototypes } prototypes && !HasBatch(prototypes.Axes))
            return false;
        return ofLocations.All(axes => axes is null || HasBatch(axes))
            || (ofLocations.All(axes => axes is null || !HasBatch(axes)) && (spec.BatchIndex is not null || spec.Count is not null));
    }

    private static bool HasBatch(string axes) => axes.Contains('b', StringComparison.Ordinal);
}
