using Serve.Eval;
using Serve.Inference.Decoding;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Tests.Decoding;

/// <summary>What a spec means, written down as plainly as can be: everything is computed for every location, one number after the other.</summary>
internal sealed class NaiveDecoder(DecodingSpec spec, IReadOnlyList<TestTensor> tensors, int picture, ResizePlan plan, int categories)
{
    public sealed record Found(int Location, int Channel, int Place, float Score, Box Box);

    public List<Found> Decode(double threshold, int most, double? iou = null)
    {
        var scores = Rows(spec.Scores);
        var boxes = spec.Sizes is null ? Rows(spec.Boxes) : [.. Rows(spec.Boxes).Zip(Rows(spec.Sizes), (centre, size) => (float[])[.. centre, .. size])];
        var labels = spec.Labels is null ? null : Rows(spec.Labels);
        var objectness = spec.Objectness is null ? null : Rows(spec.Objectness);
        var found = new List<Found>();
        for (var location = 0; location < scores.Count; location++)
        {
            var probabilities = Activated(scores[location], spec.Scores.Activation);
            var channels = Enumerable.Range(0, probabilities.Length).Where(c => c != Background(probabilities.Length)).ToArray();
            var chosen = spec.Choose == LabelRule.Every ? channels : [channels.MaxBy(c => scores[location][c])];
            foreach (var c in chosen)
            {
                var o = objectness is null ? 1 : Activated(objectness[location], spec.Objectness!.Activation)[0];
                var score = (float)(spec.Score switch
                {
                    ScoreRule.Category => probabilities[c],
                    ScoreRule.ObjectnessTimesCategory => o * probabilities[c],
                    ScoreRule.RootOfProduct => Math.Sqrt(o * probabilities[c]),
                    _ => o,
                });
                var place = labels is null ? c - (spec.Background == 0 ? 1 : 0) : (int)labels[location][0] - spec.LabelOffset;
                if (score >= threshold && place >= 0 && place < categories)
                    found.Add(new Found(location, c, place, score, ToOriginal(InCode(boxes[location], location))));
            }
        }

        found = [.. found.OrderByDescending(candidate => candidate.Score).ThenBy(candidate => candidate.Location).ThenBy(candidate => candidate.Channel)];
        if (spec.Nms is { } nms)
            found = Suppressed(nms.MaxCandidates > 0 ? found[..Math.Min(found.Count, nms.MaxCandidates)] : found, iou ?? nms.Iou, nms.PerCategory);
        if (spec.MaxDetections > 0)
            found = [.. found.Take(spec.MaxDetections)];
        return [.. found.Select(candidate => candidate with { Box = plan.Clip(candidate.Box) })
            .Where(candidate => candidate.Box.Width > 0 && candidate.Box.Height > 0).Take(most)];
    }

    private static List<Found> Suppressed(List<Found> sorted, double iou, bool perCategory)
    {
        var kept = new List<Found>();
        foreach (var candidate in sorted)
        {
            if (!kept.Any(better => (!perCategory || better.Place == candidate.Place) && Overlap(better.Box, candidate.Box, (float)iou)))
                kept.Add(candidate);
        }

        return kept;
    }

    private static bool Overlap(Box a, Box b, float iou)
    {
        var width = Math.Min((float)a.X2, (float)b.X2) - Math.Max((float)a.X1, (float)b.X1);
        var height = Math.Min((float)a.Y2, (float)b.Y2) - Math.Max((float)a.Y1, (float)b.Y1);
        var overlap = Math.Max(0, width) * Math.Max(0, height);
        return overlap > iou * (Area(b) + Area(a) - overlap);

        static float Area(Box box) => Math.Max(0, (float)box.X2 - (float)box.X1) * Math.Max(0, (float)box.Y2 - (float)box.Y1);
    }

    /// <summary>The channels of each location.</summary>
    public List<float[]> Rows(TensorPart part)
    {
        var rows = new List<float[]>();
        for (var level = 0; level < part.Outputs.Count; level++)
        {
            var tensor = tensors.Single(tensor => tensor.Name == part.Outputs[level]);
            var anchors = tensor.Side('k') > 1 || tensor.Axes.Contains('k', StringComparison.Ordinal) ? PerCell(level) : tensor.Side('a');
            var all = tensor.Axes.Contains('k', StringComparison.Ordinal) ? tensor.Side('k') / anchors : tensor.Side('c');
            var channels = part.Channels == 0 ? all - part.From : part.Channels;
            float[] Row(int n, int y, int x, int a) => [.. Enumerable.Range(part.From, channels).Select(c => tensor.At(
                ('b', picture), ('n', n), ('y', y), ('x', x), ('a', a), ('c', c), ('k', (a * all) + c)))];
            if (tensor.Axes.Contains('n', StringComparison.Ordinal))
                rows.AddRange(Enumerable.Range(0, tensor.Side('n')).Select(n => Row(n, 0, 0, 0)));
            else if (spec.Grid is { AnchorFirst: true })
                rows.AddRange(from a in Enumerable.Range(0, anchors) from y in Enumerable.Range(0, tensor.Side('y')) from x in Enumerable.Range(0, tensor.Side('x')) select Row(0, y, x, a));
            else
                rows.AddRange(from y in Enumerable.Range(0, tensor.Side('y')) from x in Enumerable.Range(0, tensor.Side('x')) from a in Enumerable.Range(0, anchors) select Row(0, y, x, a));
        }

        return rows;
    }

    private int PerCell(int level) => spec.Grid!.Anchors.Count > 0 ? spec.Grid.Anchors[level].Count : spec.Grid.PerCell;

    private int Background(int channels) => spec.Background switch { null => -1, 0 => 0, _ => channels - 1 };

    private static double[] Activated(float[] values, Activation activation)
    {
        if (activation == Activation.Softmax)
        {
            var sum = values.Sum(value => Math.Exp(value));
            return [.. values.Select(value => Math.Exp(value) / sum)];
        }

        return [.. values.Select(value => activation == Activation.Sigmoid ? Sigmoid(value) : value)];
    }

    private static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));

    /// <summary>All places in order: cell, place, stride and anchor.</summary>
    private List<(int Column, int Row, double X, double Y, double Stride, double Width, double Height, double Spread)> Places()
    {
        var places = new List<(int, int, double, double, double, double, double, double)>();
        var grid = spec.Grid!;
        for (var level = 0; level < grid.Strides.Count; level++)
        {
            var stride = grid.Strides[level];
            var (columns, rows) = ((int)Math.Ceiling(plan.InputWidth / stride), (int)Math.Ceiling(plan.InputHeight / stride));
            var (stepX, stepY) = (stride, stride);
            if (grid.Maps.Count > 0)
            {
                (columns, rows) = (grid.Maps[level][0], grid.Maps[level][1]);
                (stepX, stepY) = ((double)plan.InputWidth / columns, (double)plan.InputHeight / rows);
            }

            void Add(int x, int y, int a)
            {
                var (px, py) = ((x + grid.Offset) * stepX, (y + grid.Offset) * stepY);
                var (w, h) = grid.Anchors.Count > 0 ? (grid.Anchors[level][a][0], grid.Anchors[level][a][1]) : (stride, stride);
                if (grid.ClipAnchors)
                    (px, py, w, h) = (Math.Clamp(px, 0, plan.InputWidth), Math.Clamp(py, 0, plan.InputHeight), Math.Min(w, plan.InputWidth), Math.Min(h, plan.InputHeight));
                places.Add((x, y, px, py, stride, w, h, grid.CentreScales.Count > 0 ? grid.CentreScales[level] : 1));
            }

            if (grid.AnchorFirst)
            {
                for (var a = 0; a < PerCell(level); a++)
                    for (var y = 0; y < rows; y++)
                        for (var x = 0; x < columns; x++)
                            Add(x, y, a);
            }
            else
            {
                for (var y = 0; y < rows; y++)
                    for (var x = 0; x < columns; x++)
                        for (var a = 0; a < PerCell(level); a++)
                            Add(x, y, a);
            }
        }

        return places;
    }

    private Box InCode(float[] channels, int location)
    {
        var p = spec.Grid is null ? default : Places()[location];
        var d = channels.Select(value => spec.Boxes.Activation == Activation.Sigmoid ? Sigmoid(value) : value).ToArray();
        var (v0, v1, limit) = (spec.Variances[0], spec.Variances[1], spec.LargestLogSize ?? double.PositiveInfinity);
        switch (spec.Code)
        {
            case BoxCode.Xyxy: return new Box(d[0], d[1], d[2], d[3]);
            case BoxCode.Yxyx: return new Box(d[1], d[0], d[3], d[2]);
            case BoxCode.Xywh: return new Box(d[0], d[1], d[0] + d[2], d[1] + d[3]);
            case BoxCode.Cxcywh: return Centre(d[0], d[1], d[2], d[3]);
            case BoxCode.Cycxhw: return Centre(d[1], d[0], d[3], d[2]);
            case BoxCode.Deltas: return Centre((d[0] * v0 * p.Width) + p.X, (d[1] * v0 * p.Height) + p.Y, Math.Exp(Math.Min(limit, d[2] * v1)) * p.Width, Math.Exp(Math.Min(limit, d[3] * v1)) * p.Height);
            case BoxCode.DeltasYx: return Centre((d[1] * v0 * p.Width) + p.X, (d[0] * v0 * p.Height) + p.Y, Math.Exp(Math.Min(limit, d[3] * v1)) * p.Width, Math.Exp(Math.Min(limit, d[2] * v1)) * p.Height);
            case BoxCode.LinearDeltas: return Centre((d[0] * v0 * p.Width) + p.X, (d[1] * v0 * p.Height) + p.Y, d[2] * v1 * p.Width, d[3] * v1 * p.Height);
            case BoxCode.GridExp: return Centre((d[0] + p.Column) * p.Stride, (d[1] + p.Row) * p.Stride, Math.Exp(d[2]) * p.Stride, Math.Exp(d[3]) * p.Stride);
            case BoxCode.YoloExp: return Centre((Spread(d[0], p.Spread) + p.Column) * p.Stride, (Spread(d[1], p.Spread) + p.Row) * p.Stride, Math.Exp(d[2]) * p.Width, Math.Exp(d[3]) * p.Height);
            case BoxCode.YoloSquare:
                return Centre(
                    ((2 * Sigmoid(d[0])) - 0.5 + p.Column) * p.Stride, ((2 * Sigmoid(d[1])) - 0.5 + p.Row) * p.Stride,
                    Math.Pow(2 * Sigmoid(d[2]), 2) * p.Width, Math.Pow(2 * Sigmoid(d[3]), 2) * p.Height);
            case BoxCode.CentreSize: return Centre((p.Column + d[0]) * p.Stride, (p.Row + d[1]) * p.Stride, d[2] * p.Stride, d[3] * p.Stride);
            case BoxCode.Distances: return Around(p.X, p.Y, spec.Units == BoxUnits.Stride ? p.Stride : 1, d);
            default:
                var bins = channels.Length / 4;
                var sides = Enumerable.Range(0, 4).Select(side => Activated(channels[(side * bins)..((side + 1) * bins)], Activation.Softmax).Select((probability, bin) => probability * bin).Sum());
                return Around(p.X, p.Y, p.Stride, [.. sides]);
        }
    }

    private static Box Centre(double x, double y, double width, double height) => new(x - (width / 2), y - (height / 2), x + (width / 2), y + (height / 2));

    private static double Spread(double value, double scale) => (scale * Sigmoid(value)) - ((scale - 1) / 2);

    private Box Around(double x, double y, double unit, double[] distances) => new(
        Math.Clamp(x - (distances[0] * unit), 0, plan.InputWidth), Math.Clamp(y - (distances[1] * unit), 0, plan.InputHeight),
        Math.Clamp(x + (distances[2] * unit), 0, plan.InputWidth), Math.Clamp(y + (distances[3] * unit), 0, plan.InputHeight));

    private Box ToOriginal(Box box)
    {
        Box By(double x, double y) => new(box.X1 * x, box.Y1 * y, box.X2 * x, box.Y2 * y);
        return spec.Units switch
        {
            BoxUnits.Original => box,
            BoxUnits.OriginalNormalised => By(plan.SourceWidth, plan.SourceHeight),
            BoxUnits.InputNormalised => plan.ToOriginal(By(plan.InputWidth, plan.InputHeight)),
            _ => plan.ToOriginal(box),
        };
    }
}
