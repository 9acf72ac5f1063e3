using Serve.Eval;
using Serve.Inference.Families;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Decoding;

/// <summary>Turns box codes into boxes on the original picture.</summary>
internal sealed class BoxReader(DecodingSpec spec, PlaceGrid? grid)
{
    private readonly double _centreFactor = spec.Variances[0];
    private readonly double _sizeFactor = spec.Variances[1];
    private readonly double _largestLogSize = spec.LargestLogSize ?? double.PositiveInfinity;

    /// <summary>The box of a location in pixels of the original picture, not clipped.</summary>
    /// <exception cref="ModelOutputException">It is not a number.</exception>
    public Box Read(DecodingScratch work, int location, in ResizePlan plan)
    {
        ref readonly var level = ref work.Boxes.LevelOf(location);
        var values = work.Tensors.Values(level.Output);
        var box = ToOriginal(Decode(work, values, level.At(location), level, location, plan), plan);
        return double.IsFinite(box.X1) && double.IsFinite(box.Y1) && double.IsFinite(box.X2) && double.IsFinite(box.Y2)
            ? box
            : throw new ModelOutputException($"output '{work.Tensors.Name(level.Output)}', row {location}: the box is ({box.X1}, {box.Y1}, {box.X2}, {box.Y2}).");
    }

    /// <summary>Where a location lies; nowhere for codes that need no grid.</summary>
    public Place Place(DecodingScratch work, int location, in ResizePlan plan)
        => grid is null ? default : grid.At(location, work.Grid, plan.InputWidth, plan.InputHeight);

    private Box Decode(DecodingScratch work, ReadOnlySpan<float> values, int at, in LevelView level, int location, in ResizePlan plan)
    {
        var place = Place(work, location, plan);
        var stride = level.ChannelStride;
        if (spec.Code == BoxCode.Distribution)
        {
            var bins = level.Channels / 4;
            var side = bins * stride;
            return Around(
                place, place.Stride, plan,
                Activations.Expectation(values, at, stride, bins), Activations.Expectation(values, at + side, stride, bins),
                Activations.Expectation(values, at + (2 * side), stride, bins), Activations.Expectation(values, at + (3 * side), stride, bins));
        }

        var (d0, d1) = Pair(values, at, stride, spec.Boxes.Activation);
        var (d2, d3) = spec.Sizes is null ? Pair(values, at + (2 * stride), stride, spec.Boxes.Activation) : Sizes(work, location);
        var (s, width, height) = (place.Stride, place.AnchorWidth, place.AnchorHeight);
        return spec.Code switch
        {
            BoxCode.Xyxy => new Box(d0, d1, d2, d3),
            BoxCode.Yxyx => new Box(d1, d0, d3, d2),
            BoxCode.Xywh => new Box(d0, d1, d0 + d2, d1 + d3),
            BoxCode.Cxcywh => Centred(d0, d1, d2, d3),
            BoxCode.Cycxhw => Centred(d1, d0, d3, d2),
            BoxCode.Distances => Around(place, spec.Units == BoxUnits.Stride ? s : 1, plan, d0, d1, d2, d3),
            BoxCode.Deltas => Delta(place, d0, d1, d2, d3),
            BoxCode.DeltasYx => Delta(place, d1, d0, d3, d2),
            BoxCode.LinearDeltas => Centred(
                (d0 * _centreFactor * width) + place.X, (d1 * _centreFactor * height) + place.Y, d2 * _sizeFactor * width, d3 * _sizeFactor * height),
            BoxCode.GridExp => Centred((d0 + place.Column) * s, (d1 + place.Row) * s, Math.Exp(d2) * s, Math.Exp(d3) * s),
            BoxCode.YoloExp => Centred(
                (Spread(d0, place.CentreScale) + place.Column) * s, (Spread(d1, place.CentreScale) + place.Row) * s, Math.Exp(d2) * width, Math.Exp(d3) * height),
            BoxCode.YoloSquare => Centred(
                ((2 * Activations.Sigmoid(d0)) - 0.5 + place.Column) * s, ((2 * Activations.Sigmoid(d1)) - 0.5 + place.Row) * s,
                Square(2 * Activations.Sigmoid(d2)) * width, Square(2 * Activations.Sigmoid(d3)) * height),
            _ => Centred((place.Column + d0) * s, (place.Row + d1) * s, d2 * s, d3 * s),
        };
    }

    private (double Width, double Height) Sizes(DecodingScratch work, int location)
    {
        ref readonly var level = ref work.Sizes.LevelOf(location);
        return Pair(work.Tensors.Values(level.Output), level.At(location), level.ChannelStride, spec.Sizes!.Activation);
    }

    private static (double First, double Second) Pair(ReadOnlySpan<float> values, int at, int stride, Activation activation)
        => (Activations.Apply(activation, values[at]), Activations.Apply(activation, values[at + stride]));

    /// <summary>A centre in its cell: a sigmoid, spread about the middle.</summary>
    private static double Spread(double value, double scale) => scale == 1 ? Activations.Sigmoid(value) : ((Activations.Sigmoid(value) - 0.5) * scale) + 0.5;

    private Box Delta(in Place place, double x, double y, double w, double h) => Centred(
        (x * _centreFactor * place.AnchorWidth) + place.X, (y * _centreFactor * place.AnchorHeight) + place.Y,
        Math.Exp(Math.Min(w * _sizeFactor, _largestLogSize)) * place.AnchorWidth, Math.Exp(Math.Min(h * _sizeFactor, _largestLogSize)) * place.AnchorHeight);

    private static Box Centred(double x, double y, double width, double height) => new(x - (width / 2), y - (height / 2), x + (width / 2), y + (height / 2));

    /// <summary>Cut at the input's edges, as all detectors that predict distances do before they suppress.</summary>
    private static Box Around(in Place place, double unit, in ResizePlan plan, double left, double top, double right, double bottom) => new(
        Math.Clamp(place.X - (left * unit), 0, plan.InputWidth), Math.Clamp(place.Y - (top * unit), 0, plan.InputHeight),
        Math.Clamp(place.X + (right * unit), 0, plan.InputWidth), Math.Clamp(place.Y + (bottom * unit), 0, plan.InputHeight));

    private static double Square(double value) => value * value;

    private Box ToOriginal(Box box, in ResizePlan plan) => spec.Units switch
    {
        BoxUnits.Original => box,
        BoxUnits.OriginalNormalised => Scaled(box, plan.SourceWidth, plan.SourceHeight),
        BoxUnits.InputNormalised => plan.ToOriginal(Scaled(box, plan.InputWidth, plan.InputHeight)),
        _ => plan.ToOriginal(box),
    };

    private static Box Scaled(Box box, int width, int height) => new(box.X1 * width, box.Y1 * height, box.X2 * width, box.Y2 * height);
}
