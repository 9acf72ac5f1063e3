using Serve.Inference.Families;

namespace Serve.Inference.Decoding;

/// <summary>Finds a part of the outputs in tensors of concrete shapes.</summary>
internal sealed class PartLayout
{
    private readonly TensorPart _part;
    private readonly int[] _outputs;
    private readonly GridSpec? _grid;
    private readonly int _channels;

    /// <param name="path">The part's field, for messages.</param>
    /// <param name="part">The part.</param>
    /// <param name="channels">Channels it must have; 0 for any number.</param>
    /// <param name="grid">Tells the anchors of a cell.</param>
    /// <param name="names">Outputs of the model; those of the part are added.</param>
    public PartLayout(string path, TensorPart part, int channels, GridSpec? grid, List<string> names)
    {
        (Path, _part, _channels, _grid) = (path, part, channels, grid);
        _outputs = [.. part.Outputs.Select(name => IndexOf(names, name))];
    }

    /// <summary>The part's field.</summary>
    public string Path { get; }

    /// <summary>Which of the model's outputs it lies in.</summary>
    public IReadOnlyList<int> Outputs => _outputs;

    /// <summary>Letters of the dimensions.</summary>
    public string Axes => _part.Axes;

    /// <summary>Whether there is a dimension for the pictures of a batch.</summary>
    public bool HasBatch => Axes.Contains('b', StringComparison.Ordinal);

    /// <summary>Place of a name in a list, added where it is missing.</summary>
    public static int IndexOf(List<string> names, string name)
    {
        var index = names.IndexOf(name);
        if (index >= 0)
            return index;
        names.Add(name);
        return names.Count - 1;
    }

    /// <summary>Places the part in the outputs of a run.</summary>
    /// <param name="view">What is filled.</param>
    /// <param name="tensors">The outputs.</param>
    /// <param name="batchFirst">Outputs that are narrowed to one picture.</param>
    /// <param name="index">Which picture.</param>
    /// <exception cref="ModelOutputException">The shapes are not what the part says.</exception>
    public void Fill(PartView view, RunTensors tensors, bool[] batchFirst, int index)
    {
        view.Clear();
        for (var level = 0; level < _outputs.Length; level++)
        {
            var output = _outputs[level];
            var added = Level(level, output, tensors.Name(output), tensors.Shape(output), batchFirst[output], index);
            if (view.Count > 0 && added.Channels != view.Channels)
                throw Fault(tensors.Name(output), tensors.Shape(output), $"gives {added.Channels} channels; the level before gives {view.Channels}");
            view.Add(added);
        }
    }

    /// <summary>Places one level in a tensor of the given shape.</summary>
    /// <exception cref="ModelOutputException">The shape is not what the part says.</exception>
    public LevelView Level(int level, int output, string name, ReadOnlySpan<long> shape, bool narrowed, int index)
    {
        if (shape.Length != Axes.Length)
            throw Fault(name, shape, $"has {shape.Length} dimensions");

        var view = new LevelView { Output = output, Rows = 1, Columns = 1, Anchors = 1, AnchorFirst = _grid?.AnchorFirst ?? false };
        var (channels, stride, offset, rows) = (1, 1, 0, 0);
        for (var d = Axes.Length - 1; d >= 0; d--)
        {
            var side = checked((int)shape[d]);
            switch (Axes[d])
            {
                case 'b' when d > 0 || !narrowed:
                    if (index >= side)
                        throw Fault(name, shape, $"has no picture {index}");
                    offset += index * stride;
                    break;
                case '1' when side != 1:
                    throw Fault(name, shape, $"has {side} where 1 is expected");
                case 'n' or 'x':
                    view = view with { Columns = side, ColumnStride = stride };
                    break;
                case 'y':
                    view = view with { Rows = side, RowStride = stride };
                    rows = side;
                    break;
                case 'a':
                    view = view with { Anchors = side, AnchorStride = stride };
                    break;
                case 'c':
                    (channels, view) = (side, view with { ChannelStride = stride });
                    break;
                case 'p':
                    channels = checked(channels * side);
                    break;
                case 'k':
                    var anchors = PerCell(level);
                    if (side % anchors != 0)
                        throw Fault(name, shape, $"has {side} channels, which is no multiple of {anchors} anchors");
                    channels = side / anchors;
                    view = view with { Anchors = anchors, AnchorStride = channels * stride, ChannelStride = stride };
                    break;
                default:
                    break;
            }

            stride = checked(stride * side);
        }

        var count = _part.Channels == 0 ? channels - _part.From : _part.Channels;
        if (count < 1 || count > channels - _part.From)
            throw Fault(name, shape, $"has {channels} channels, not {count} from {_part.From} on");
        if (_channels > 0 && count != _channels)
            throw Fault(name, shape, $"gives {count} channels where {_channels} {(_channels == 1 ? "is" : "are")} expected; say from and channels");
        return view with { Offset = offset + (_part.From * view.ChannelStride), Channels = count, Map = rows == 0 ? default : (rows, view.Columns) };
    }

    private int PerCell(int level) => _grid is null ? 1 : _grid.Anchors.Count > level ? _grid.Anchors[level].Count : _grid.PerCell;

    private ModelOutputException Fault(string name, ReadOnlySpan<long> shape, string what)
        => new($"output '{name}' [{string.Join(", ", shape.ToArray())}] {what} ({Path}: axes '{Axes}').");
}
