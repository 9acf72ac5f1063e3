using System.Numerics.Tensors;
using Serve.Inference.Families;

namespace Serve.Inference.Decoding;

/// <summary>The values of one detection's mask where the model left them: a plane of a tensor, or coefficients for the planes of prototypes.</summary>
internal readonly ref struct MaskSource
{
    private readonly ReadOnlySpan<float> _values;
    private readonly ReadOnlySpan<float> _coefficients;
    private readonly int _offset;
    private readonly int _rowStride;
    private readonly int _columnStride;
    private readonly int _planeStride;

    private MaskSource(MaskSpec spec, DecodingScratch work, int output, int location, int category)
    {
        var shape = work.Tensors.Shape(output);
        _values = work.Tensors.Values(output);
        if (shape.Length != spec.Axes.Length)
            throw Fault(spec, shape, $"has {shape.Length} dimensions");

        var (stride, planes) = (1, 1);
        for (var d = shape.Length - 1; d >= 0; d--)
        {
            var side = (int)shape[d];
            switch (spec.Axes[d])
            {
                case 'x':
                    (Columns, _columnStride) = (side, stride);
                    break;
                case 'y':
                    (Rows, _rowStride) = (side, stride);
                    break;
                case 'c' when spec.Frame == MaskFrame.Prototypes:
                    (planes, _planeStride) = (side, stride);
                    break;
                case 'c':
                    _offset += Index(side == 1 ? 0 : category, side, "category") * stride;
                    break;
                case 'n':
                    _offset += Index(location, side, "row") * stride;
                    break;
                case 'b' when d > 0 || !work.IsNarrowed(output):
                    _offset += Index(work.Picture, side, "picture") * stride;
                    break;
                case '1':
                    Index(side - 1, 1, "dimension");
                    break;
                default:
                    break;
            }

            stride *= side;
        }

        if (Columns == 0 || Rows == 0)
            throw Fault(spec, shape, "is empty");
        if (spec.Frame != MaskFrame.Prototypes)
            return;

        ref readonly var level = ref work.Coefficients.LevelOf(location);
        if (level.Channels != planes)
            throw Fault(spec, shape, $"has {planes} prototypes for {level.Channels} coefficients");
        var all = work.Tensors.Values(level.Output);
        var at = level.At(location);
        var coefficients = work.Masks.Coefficients(planes);
        for (var k = 0; k < planes; k++)
            coefficients[k] = (float)Activations.Apply(spec.Coefficients!.Activation, all[at + (k * level.ChannelStride)]);
        _coefficients = coefficients;

        int Index(int value, int side, string what)
            => value < side ? value : throw new ModelOutputException($"output '{spec.Output}' has no mask for {what} {value} (masks: axes '{spec.Axes}').");
    }

    /// <summary>Columns of the mask.</summary>
    public int Columns { get; }

    /// <summary>Rows of the mask.</summary>
    public int Rows { get; }

    /// <summary>The mask of a detection.</summary>
    /// <exception cref="ModelOutputException">There is none.</exception>
    public static MaskSource Of(MaskSpec spec, DecodingScratch work, int output, int location, int category) => new(spec, work, output, location, category);

    /// <summary>Values of a row from a column on; zeros beyond the mask.</summary>
    public void Row(int row, int column, Span<float> line)
    {
        line.Clear();
        if (row < 0 || row >= Rows)
            return;
        var skipped = Math.Max(0, -column);
        var inside = line[skipped..Math.Min(line.Length, Columns - column)];
        var at = _offset + (row * _rowStride) + ((column + skipped) * _columnStride);
        if (_coefficients.IsEmpty)
        {
            for (var i = 0; i < inside.Length; i++)
                inside[i] = _values[at + (i * _columnStride)];
        }
        else if (_columnStride == 1)
        {
            for (var k = 0; k < _coefficients.Length; k++)
                TensorPrimitives.MultiplyAdd(_values.Slice(at + (k * _planeStride), inside.Length), _coefficients[k], inside, inside);
        }
        else
        {
            for (var i = 0; i < inside.Length; i++)
            {
                var sum = 0f;
                for (var k = 0; k < _coefficients.Length; k++)
                    sum += _coefficients[k] * _values[at + (i * _columnStride) + (k * _planeStride)];
                inside[i] = sum;
            }
        }
    }

    private static ModelOutputException Fault(MaskSpec spec, ReadOnlySpan<long> shape, string what)
        => new($"output '{spec.Output}' [{string.Join(", ", shape.ToArray())}] {what} (masks: axes '{spec.Axes}').");
}
