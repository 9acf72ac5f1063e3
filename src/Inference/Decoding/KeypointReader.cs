using Serve.Eval;
using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Decoding;

/// <summary>Reads the keypoints of a location.</summary>
internal sealed class KeypointReader(DecodingSpec spec, KeypointSpec keypoints)
{
    /// <summary>Its keypoints in pixels of the original picture; they may lie outside of it.</summary>
    /// <exception cref="ModelOutputException">One is not a number.</exception>
    public Keypoint[] Read(DecodingScratch work, int location, in Place place, in ResizePlan plan)
    {
        ref readonly var level = ref work.Keypoints.LevelOf(location);
        var values = work.Tensors.Values(level.Output);
        var at = level.At(location);
        if (level.Channels % keypoints.Dimensions != 0)
            throw new ModelOutputException($"output '{work.Tensors.Name(level.Output)}' gives {level.Channels} channels for keypoints of {keypoints.Dimensions} each.");

        var points = new Keypoint[level.Channels / keypoints.Dimensions];
        for (var i = 0; i < points.Length; i++, at += keypoints.Dimensions * level.ChannelStride)
        {
            var (x, y) = ToOriginal(Decode(values[at], values[at + level.ChannelStride], place), plan);
            var score = Score(work, location, i, points.Length) ?? (keypoints.Dimensions < 3 ? null : (float)Activations.Apply(keypoints.Part.Activation, values[at + (2 * level.ChannelStride)]));
            if (!double.IsFinite(x) || !double.IsFinite(y) || (score is { } given && !float.IsFinite(given)))
                throw new ModelOutputException($"output '{work.Tensors.Name(level.Output)}', row {location}: keypoint {i} is ({x}, {y}), score {score}.");
            points[i] = new Keypoint(x, y, score);
        }

        return points;
    }

    /// <summary>The score of a keypoint that stands in an output of its own; null where there is none.</summary>
    private float? Score(DecodingScratch work, int location, int keypoint, int count)
    {
        if (keypoints.Scores is not { } part)
            return null;
        ref readonly var level = ref work.KeypointScores.LevelOf(location);
        if (level.Channels != count)
            throw new ModelOutputException($"output '{work.Tensors.Name(level.Output)}' gives {level.Channels} scores for {count} keypoints.");
        return (float)Activations.Apply(part.Activation, work.Tensors.Values(level.Output)[level.At(location) + (keypoint * level.ChannelStride)]);
    }

    private (double X, double Y) Decode(double x, double y, in Place place) => keypoints.Code switch
    {
        BoxCode.Deltas => (place.X + (x * spec.Variances[0] * place.AnchorWidth), place.Y + (y * spec.Variances[0] * place.AnchorHeight)),
        BoxCode.GridExp => ((x + place.Column) * place.Stride, (y + place.Row) * place.Stride),
        BoxCode.Distances => (place.X + (x * place.Stride), place.Y + (y * place.Stride)),
        _ => (x, y),
    };

    /// <summary>Coordinates that are relative to a place are input pixels; plain ones have the units of the boxes.</summary>
    private (double X, double Y) ToOriginal((double X, double Y) point, in ResizePlan plan)
    {
        var units = keypoints.Code == BoxCode.Xyxy ? spec.Units : BoxUnits.Input;
        if (units == BoxUnits.Original)
            return point;
        if (units == BoxUnits.OriginalNormalised)
            return (point.X * plan.SourceWidth, point.Y * plan.SourceHeight);
        if (units == BoxUnits.InputNormalised)
            point = (point.X * plan.InputWidth, point.Y * plan.InputHeight);
        var mapped = plan.ToOriginal(new Box(point.X, point.Y, point.X, point.Y));
        return (mapped.X1, mapped.Y1);
    }
}
