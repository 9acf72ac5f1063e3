using System.Numerics;
using System.Numerics.Tensors;
using Serve.Inference.Families;

namespace Serve.Inference.Decoding;

/// <summary>
/// Finds the candidates at or above the threshold. Raw values are compared first, many at a time; activations are computed only for what may pass.
/// </summary>
/// <remarks>
/// A score that is not a number is an error, wherever it is looked at: all of them, but for categories of locations whose objectness alone stays below the
/// threshold. Category scores are taken to lie in 0..1 there.
/// </remarks>
internal sealed class ScoreSearch(DecodingSpec spec, LabelMap labels, PlaceGrid? grid)
{
    /// <summary>Locations whose channels are compared together: few enough that what was read stays in the cache.</summary>
    public const int BlockSize = 1024;

    private readonly Activation _activation = spec.Scores.Activation;
    private readonly Activation _objectnessActivation = spec.Objectness?.Activation ?? Activation.None;

    /// <summary>Adds what passes to the candidates.</summary>
    /// <exception cref="ModelOutputException">A score is not a number, or a label unknown.</exception>
    public void Find(DecodingScratch work)
    {
        Check(work);
        if (work.Objectness.Count > 0)
            FindByObjectness(work);
        else
            FindByScore(work);
    }

    /// <summary>Adds what passes of the rows (picture, category, location) that the graph selected.</summary>
    /// <exception cref="ModelOutputException">A score is not a number, or a row points beyond the scores.</exception>
    public void FindSelected(DecodingScratch work, int output)
    {
        Check(work);
        var selected = work.Tensors.Values(output);
        for (var row = 0; row + 2 < selected.Length; row += 3)
        {
            if (selected[row] != work.Picture)
                continue;
            var (channel, location) = (selected[row + 1], selected[row + 2]);
            if (!(channel >= 0 && channel < work.Scores.Channels && location >= 0 && location < work.Scores.Locations))
            {
                throw new ModelOutputException(
                    $"output '{work.Tensors.Name(output)}', row {row / 3}: category {channel}, location {location}; there are {work.Scores.Channels} and {work.Scores.Locations}.");
            }

            Consider(work, (int)location, (int)channel);
        }
    }

    private void Check(DecodingScratch work)
    {
        if (spec.Labels is null && labels.ChannelFault(work.Scores.Channels) is { } fault)
            throw new ModelOutputException(fault + ".");
        if ((long)work.Scores.Locations * work.Scores.Channels > uint.MaxValue)
            throw new ModelOutputException($"{work.Scores.Locations} locations with {work.Scores.Channels} categories are more than can be decoded.");
    }

    private void Consider(DecodingScratch work, int location, int channel)
    {
        ref readonly var level = ref work.Scores.LevelOf(location);
        var values = work.Tensors.Values(level.Output);
        var at = level.At(location);
        var softmax = _activation == Activation.Softmax ? Activations.Softmax(values, at, level.ChannelStride, level.Channels) : default;
        Add(work, location, channel, Score(Objectness(work, location), values[at + (channel * level.ChannelStride)], softmax));
    }

    private void FindByObjectness(DecodingScratch work)
    {
        var least = spec.Score == ScoreRule.RootOfProduct ? work.Threshold * work.Threshold : work.Threshold;
        var raw = work.Threshold <= 0 ? float.NegativeInfinity : Activations.LeastRaw(_objectnessActivation, least);
        foreach (ref readonly var level in work.Objectness.Levels)
        {
            var values = work.Tensors.Values(level.Output);
            for (var run = 0; run < level.Runs; run++)
            {
                var (location, at) = level.Run(run);
                for (var i = 0; i < level.Columns; i++, location += level.RunStep, at += level.ColumnStride)
                {
                    if (!(values[at] < raw))
                        Consider(work, location);
                }
            }
        }
    }

    private void FindByScore(DecodingScratch work)
    {
        var raw = Activations.LeastRaw(_activation, work.Threshold);
        foreach (ref readonly var level in work.Scores.Levels)
        {
            var values = work.Tensors.Values(level.Output);
            var (first, end) = labels.Foreground(level.Channels);
            for (var run = 0; run < level.Runs; run++)
            {
                var (location, at) = level.Run(run);
                if (level.ColumnStride == 1)
                    FindInColumns(work, level, values, location, at, raw);
                else if (level.ChannelStride == 1 && end - first > 1)
                    FindInRows(work, level, values, location, at, raw);
                else
                    FindOneByOne(work, level, values, location, at, raw);
            }
        }
    }

    /// <summary>The channels of a location lie together.</summary>
    private void FindInRows(DecodingScratch work, in LevelView level, ReadOnlySpan<float> values, int location, int at, float raw)
    {
        var (first, end) = labels.Foreground(level.Channels);
        for (var i = 0; i < level.Columns; i++, location += level.RunStep, at += level.ColumnStride)
        {
            var best = TensorPrimitives.Max(values[(at + first)..(at + end)]);
            var least = _activation == Activation.Softmax ? WithBackground(best, values, at, level) + raw : raw;
            if (!(best < least))
                Consider(work, location);
        }
    }

    /// <summary>Locations lie together, channel by channel.</summary>
    private void FindInColumns(DecodingScratch work, in LevelView level, ReadOnlySpan<float> values, int location, int at, float raw)
    {
        var (first, end) = labels.Foreground(level.Channels);
        for (var from = 0; from < level.Columns; from += BlockSize)
        {
            var count = Math.Min(BlockSize, level.Columns - from);
            var best = work.Block.AsSpan(0, count);
            values.Slice(at + from + (first * level.ChannelStride), count).CopyTo(best);
            for (var c = first + 1; c < end; c++)
                TensorPrimitives.Max(best, values.Slice(at + from + (c * level.ChannelStride), count), best);

            var passing = 0;
            for (var i = 0; i < count; i++)
            {
                if (!(best[i] < Least(best[i], values, at + from + i, level, raw)))
                    passing++;
            }

            // Looking for the channels of a location one by one touches as much memory as going through the channels of 16 locations.
            var channels = passing > count / 16 && spec.Choose == LabelRule.Best ? Channels(work, level, values, at + from, first, end, best) : [];
            for (var i = 0; passing > 0 && i < count; i++)
            {
                if (best[i] < Least(best[i], values, at + from + i, level, raw))
                    continue;
                passing--;
                var l = location + ((from + i) * level.RunStep);
                if (channels.IsEmpty || float.IsNaN(best[i]))
                    Consider(work, l);
                else if (Counts(work, l))
                    Consider(work, l, channels[i]);
            }
        }
    }

    private void FindOneByOne(DecodingScratch work, in LevelView level, ReadOnlySpan<float> values, int location, int at, float raw)
    {
        var (first, end) = labels.Foreground(level.Channels);
        var single = end - first == 1 && _activation != Activation.Softmax;
        for (var i = 0; i < level.Columns; i++, location += level.RunStep, at += level.ColumnStride)
        {
            if (!single || !(values[at + (first * level.ChannelStride)] < raw))
                Consider(work, location);
        }
    }

    private float Least(float best, ReadOnlySpan<float> values, int at, in LevelView level, float raw)
        => _activation == Activation.Softmax ? WithBackground(best, values, at, level) + raw : raw;

    private float WithBackground(float best, ReadOnlySpan<float> values, int at, in LevelView level)
    {
        var background = labels.BackgroundChannel(level.Channels);
        return background < 0 ? best : MathF.Max(best, values[at + (background * level.ChannelStride)]);
    }

    /// <summary>The first channel that has a block's highest value, for each location.</summary>
    private static ReadOnlySpan<int> Channels(DecodingScratch work, in LevelView level, ReadOnlySpan<float> values, int at, int first, int end, ReadOnlySpan<float> best)
    {
        var channels = work.BlockChannels.AsSpan(0, best.Length);
        for (var c = end - 1; c >= first; c--)
        {
            var row = values.Slice(at + (c * level.ChannelStride), best.Length);
            var number = new Vector<int>(c);
            var i = 0;
            for (; i <= best.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                var equal = Vector.Equals(new Vector<float>(row[i..]), new Vector<float>(best[i..]));
                Vector.ConditionalSelect(equal, number, new Vector<int>(channels[i..])).CopyTo(channels[i..]);
            }

            for (; i < best.Length; i++)
                channels[i] = row[i] == best[i] ? c : channels[i];
        }

        return channels;
    }

    private void Consider(DecodingScratch work, int location)
    {
        if (!Counts(work, location))
            return;
        ref readonly var level = ref work.Scores.LevelOf(location);
        var values = work.Tensors.Values(level.Output);
        var at = level.At(location);
        var softmax = _activation == Activation.Softmax ? Activations.Softmax(values, at, level.ChannelStride, level.Channels) : default;
        var objectness = Objectness(work, location);
        var (first, end) = labels.Foreground(level.Channels);
        if (spec.Choose == LabelRule.Best)
        {
            var best = BestChannel(values, at, level.ChannelStride, first, end);
            Add(work, location, best, Score(objectness, values[at + (best * level.ChannelStride)], softmax));
            return;
        }

        for (var c = first; c < end; c++)
            Add(work, location, c, Score(objectness, values[at + (c * level.ChannelStride)], softmax));
    }

    private static int BestChannel(ReadOnlySpan<float> values, int at, int stride, int first, int end)
    {
        if (stride == 1)
            return first + TensorPrimitives.IndexOfMax(values[(at + first)..(at + end)]);
        var best = first;
        for (var c = first; c < end; c++)
        {
            var value = values[at + (c * stride)];
            if (float.IsNaN(value))
                return c;
            if (value > values[at + (best * stride)])
                best = c;
        }

        return best;
    }

    private static bool Counts(DecodingScratch work, int location)
    {
        if (location < work.Rows.First || location >= work.Rows.End)
            return false;
        if (work.BatchIndex.Count == 0)
            return true;
        ref readonly var level = ref work.BatchIndex.LevelOf(location);
        return work.Tensors.Values(level.Output)[level.At(location)] == work.Picture;
    }

    private double Objectness(DecodingScratch work, int location)
    {
        if (work.Objectness.Count == 0)
            return 1;
        ref readonly var level = ref work.Objectness.LevelOf(location);
        return Activations.Apply(_objectnessActivation, work.Tensors.Values(level.Output)[level.At(location)]);
    }

    private double Score(double objectness, float raw, (double Highest, double Sum) softmax)
    {
        var category = _activation == Activation.Softmax ? Math.Exp(raw - softmax.Highest) / softmax.Sum : Activations.Apply(_activation, raw);
        return spec.Score switch
        {
            ScoreRule.ObjectnessTimesCategory => objectness * category,
            ScoreRule.RootOfProduct => Math.Sqrt(objectness * category),
            ScoreRule.Objectness => double.IsNaN(category) ? category : objectness,
            _ => category,
        };
    }

    private void Add(DecodingScratch work, int location, int channel, double exact)
    {
        var score = (float)exact;
        if (score < work.Threshold)
            return;
        var place = spec.Labels is null ? labels.OfChannel(channel) : Label(work, location);
        if (place < 0)
            return;
        if (!float.IsFinite(score))
        {
            var output = work.Tensors.Name(work.Scores.LevelOf(location).Output);
            throw new ModelOutputException($"output '{output}', row {location}: the score of category {place} is {score}.");
        }

        if (spec.PeakKernel <= 1 || IsPeak(work, location, channel))
            work.Keys.Add(score, (uint)((location * work.Scores.Channels) + channel));
    }

    /// <summary>Place of the category that a location's label names; -1 for an empty row.</summary>
    public int Label(DecodingScratch work, int location)
    {
        ref readonly var level = ref work.Labels.LevelOf(location);
        return labels.OfLabel(work.Tensors.Values(level.Output)[level.At(location)], work.Tensors.Name(level.Output), location);
    }

    private bool IsPeak(DecodingScratch work, int location, int channel)
    {
        ref readonly var view = ref work.Scores.LevelOf(location);
        var values = work.Tensors.Values(view.Output);
        var level = work.Grid[PlaceGrid.LevelOf(location, work.Grid)];
        var (column, row, anchor) = grid!.Cell(location, level);
        var own = values[view.At(location) + (channel * view.ChannelStride)];
        var reach = spec.PeakKernel / 2;
        for (var y = Math.Max(0, row - reach); y <= Math.Min(level.Rows - 1, row + reach); y++)
        {
            for (var x = Math.Max(0, column - reach); x <= Math.Min(level.Columns - 1, column + reach); x++)
            {
                if (values[view.At(grid.Location(x, y, anchor, level)) + (channel * view.ChannelStride)] > own)
                    return false;
            }
        }

        return true;
    }
}
