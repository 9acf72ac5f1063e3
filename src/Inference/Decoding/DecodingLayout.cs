using Microsoft.ML.OnnxRuntime;
using Serve.Inference.Families;
using Serve.Inference.Onnx;

namespace Serve.Inference.Decoding;

/// <summary>All parts of a spec: which outputs they need, and where they lie in those of a run.</summary>
internal sealed class DecodingLayout
{
    private readonly List<string> _names = [];
    private readonly List<(PartLayout Layout, Func<DecodingScratch, PartView> View)> _parts = [];
    private readonly PartLayout? _counts;
    private readonly bool[] _batchFirst;
    private readonly bool _joined;
    private readonly LabelMap? _labels;
    private readonly bool _distribution;

    public DecodingLayout(DecodingSpec spec, LabelMap labels)
    {
        _distribution = spec.Code == BoxCode.Distribution;
        _labels = spec.Labels is null ? labels : null;
        var boxes = Add("decoding.boxes", spec.Boxes, _distribution ? 0 : spec.Sizes is null ? 4 : 2, spec.Grid, work => work.Boxes);
        if (spec.Sizes is { } sizes)
            Add("decoding.sizes", sizes, 2, spec.Grid, work => work.Sizes);
        Add("decoding.scores", spec.Scores, spec.Labels is null ? 0 : 1, spec.Grid, work => work.Scores);
        if (spec.Labels is { } label)
            Add("decoding.labels", label, 1, spec.Grid, work => work.Labels);
        if (spec.Objectness is { } objectness)
            Add("decoding.objectness", objectness, 1, spec.Grid, work => work.Objectness);
        if (spec.BatchIndex is { } batchIndex)
            Add("decoding.batchIndex", batchIndex, 1, spec.Grid, work => work.BatchIndex);
        if (spec.Masks?.Coefficients is { } coefficients)
            Add("decoding.masks.coefficients", coefficients, 0, spec.Grid, work => work.Coefficients);
        if (spec.Keypoints?.Part is { } keypoints)
            Add("decoding.keypoints.part", keypoints, 0, spec.Grid, work => work.Keypoints);
        if (spec.Keypoints?.Scores is { } keypointScores)
            Add("decoding.keypoints.scores", keypointScores, 0, spec.Grid, work => work.KeypointScores);
        if (spec.Count is { } count)
            _counts = new PartLayout("decoding.count", count, 1, null, _names);
        Masks = spec.Masks is { } masks ? PartLayout.IndexOf(_names, masks.Output) : -1;
        Selected = spec.Selected is { } selected ? PartLayout.IndexOf(_names, selected) : -1;
        _joined = !boxes.HasBatch && spec.BatchIndex is null;

        _batchFirst = [.. _names.Select((_, output) => output != Selected
            && !(_counts?.Outputs.Contains(output) ?? false)
            && _parts.All(part => !part.Layout.Outputs.Contains(output) || part.Layout.Axes[0] == 'b')
            && (output != Masks || spec.Masks!.Axes[0] == 'b'))];
    }

    /// <summary>Names of the outputs to fetch.</summary>
    public IReadOnlyList<string> Outputs => _names;

    /// <summary>Which of them have the batch as first dimension.</summary>
    public IReadOnlyList<bool> AreByPicture => _batchFirst;

    /// <summary>Place of the masks' or prototypes' output; -1 where there is none.</summary>
    public int Masks { get; }

    /// <summary>Place of the output with the selected rows; -1 where there is none.</summary>
    public int Selected { get; }

    /// <summary>Finds all parts of one picture in the outputs of a run.</summary>
    /// <exception cref="ModelOutputException">The outputs are not what the spec says.</exception>
    public void Load(DecodingScratch work, IReadOnlyList<OrtValue> outputs)
    {
        work.Clear();
        work.BatchFirst = _batchFirst;
        work.Tensors.Load(outputs, _names, _batchFirst, work.Picture);
        foreach (var (layout, view) in _parts)
            layout.Fill(view(work), work.Tensors, _batchFirst, layout.HasBatch ? work.Picture : 0);
        if (_distribution && work.Boxes.Channels % 4 != 0)
            throw new ModelOutputException($"decoding.boxes: {work.Boxes.Channels} channels are not four distributions.");
        foreach (var (layout, view) in _parts)
        {
            if (view(work).Locations != work.Boxes.Locations)
                throw new ModelOutputException($"{layout.Path}: {view(work).Locations} locations; the boxes have {work.Boxes.Locations}.");
        }

        work.Rows = _counts is null ? (0, work.Boxes.Locations) : CountedRows(work, _counts);
    }

    /// <summary>What of a graph's outputs does not fit, as far as its shapes are known.</summary>
    public IEnumerable<string> Faults(IReadOnlyList<GraphTensor> outputs)
    {
        foreach (var name in _names.Where(name => outputs.All(output => output.Name != name)))
            yield return $"decoding: the graph has no output '{name}'; it has {string.Join(", ", outputs.Select(output => $"'{output.Name}' {output.ShapeText}"))}";
        foreach (var output in outputs.Where(output => _names.Contains(output.Name) && !RunTensors.CanRead(output.Type)))
            yield return $"decoding: output '{output.Name}' holds {output.Type}, which is not read as numbers";

        foreach (var (layout, _) in _parts)
        {
            for (var level = 0; level < layout.Outputs.Count; level++)
            {
                var name = _names[layout.Outputs[level]];
                if (outputs.FirstOrDefault(output => output.Name == name) is { Shape: { } shape } && Fault(layout, level, name, shape) is { } fault)
                    yield return fault;
            }
        }
    }

    private string? Fault(PartLayout layout, int level, string name, IReadOnlyList<int> shape)
    {
        // A dynamic number of channels is told by the first run; the other dynamic sides do not matter here.
        if (layout.Axes.Length == shape.Count && layout.Axes.Where((letter, dimension) => letter is 'c' or 'k' or 'p' && shape[dimension] < 0).Any())
            return null;
        try
        {
            var sides = shape.Select(side => side < 0 ? 1L : side).ToArray();
            var view = layout.Level(level, layout.Outputs[level], name, sides, narrowed: true, index: 0);
            return layout.Path == "decoding.scores" && _labels?.ChannelFault(view.Channels) is { } fault ? fault : null;
        }
        catch (ModelOutputException e)
        {
            return e.Message.TrimEnd('.');
        }
    }

    private PartLayout Add(string path, TensorPart part, int channels, GridSpec? grid, Func<DecodingScratch, PartView> view)
    {
        var layout = new PartLayout(path, part, channels, grid, _names);
        _parts.Add((layout, view));
        return layout;
    }

    /// <summary>Rows that count. Where the rows of all pictures are joined, those of a picture follow those of the pictures before it.</summary>
    private (int First, int End) CountedRows(DecodingScratch work, PartLayout counts)
    {
        var first = 0;
        for (var picture = _joined ? 0 : work.Picture; picture < work.Picture; picture++)
            first += Count(picture);
        var end = first + Count(work.Picture);
        return end <= work.Boxes.Locations
            ? (first, end)
            : throw new ModelOutputException($"output '{_names[counts.Outputs[0]]}' counts {end} rows; the boxes have {work.Boxes.Locations}.");

        int Count(int picture)
        {
            counts.Fill(work.Counts, work.Tensors, _batchFirst, counts.HasBatch ? picture : 0);
            var level = work.Counts.Levels[0];
            var value = work.Tensors.Values(level.Output)[level.Offset];
            return value is >= 0 and <= int.MaxValue / 2
                ? (int)value
                : throw new ModelOutputException($"output '{_names[counts.Outputs[0]]}' counts {value} rows.");
        }
    }
}
