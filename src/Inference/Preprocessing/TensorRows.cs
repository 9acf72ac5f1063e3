using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Inference.Preprocessing;

/// <summary>The tensor of one picture, written row by row in the layout and the type of a model's input. Dispose to give buffers back.</summary>
internal readonly ref struct TensorRows
{
    private readonly PixelType _type;
    private readonly ResizePlan _plan;
    private readonly Span<byte> _target;
    private readonly bool _isPlanar;
    private readonly PixelScaling _scaling;

    // Values of a row before they become 16-bit numbers.
    private readonly float[]? _wide;

    /// <summary>Begins to write.</summary>
    /// <param name="input">How the model wants it.</param>
    /// <param name="plan">Where the picture lies.</param>
    /// <param name="target">The tensor's bytes.</param>
    public TensorRows(InputSpec input, in ResizePlan plan, Span<byte> target)
    {
        _target = target;
        (_type, _plan, _scaling) = (input.Type, plan, new PixelScaling(input));
        _isPlanar = input.Layout is TensorLayout.Nchw or TensorLayout.Chw;
        _wide = _type == PixelType.Float16 ? ArrayPool<float>.Shared.Rent(plan.Width * Picture.Channels) : null;
    }

    /// <summary>Fills what lies around the picture.</summary>
    public void Pad()
    {
        var (right, bottom) = (_plan.InputWidth - _plan.Left - _plan.Width, _plan.InputHeight - _plan.Top - _plan.Height);
        if (_plan.Left + _plan.Top + right + bottom == 0)
            return;
        Pad(0, _plan.Top * _plan.InputWidth);
        Pad((_plan.Top + _plan.Height) * _plan.InputWidth, bottom * _plan.InputWidth);
        if (_plan.Left + right == 0)
            return;
        for (var y = _plan.Top; y < _plan.Top + _plan.Height; y++)
        {
            Pad(y * _plan.InputWidth, _plan.Left);
            Pad(y * _plan.InputWidth + _plan.Left + _plan.Width, right);
        }
    }

    /// <summary>Writes one row of the resized picture.</summary>
    public void Write(int y, ReadOnlySpan<uint> pixels)
    {
        var at = (_plan.Top + y) * _plan.InputWidth + _plan.Left;
        switch (_type)
        {
            case PixelType.Float32:
                Write(pixels, MemoryMarshal.Cast<byte, float>(_target), at);
                break;
            case PixelType.Float16:
                WriteHalves(pixels, MemoryMarshal.Cast<byte, Half>(_target), at);
                break;
            default:
                WriteBytes(pixels, at);
                break;
        }
    }

    /// <summary>Gives buffers back.</summary>
    public void Dispose()
    {
        if (_wide is not null)
            ArrayPool<float>.Shared.Return(_wide);
    }

    private void Write(ReadOnlySpan<uint> pixels, Span<float> target, int at)
    {
        if (!_isPlanar)
        {
            _scaling.Interleave(pixels, target.Slice(at * Picture.Channels, pixels.Length * Picture.Channels));
            return;
        }

        for (var plane = 0; plane < Picture.Channels; plane++)
            _scaling.Plane(pixels, plane, target.Slice(plane * Area + at, pixels.Length));
    }

    private void WriteHalves(ReadOnlySpan<uint> pixels, Span<Half> target, int at)
    {
        var wide = _wide.AsSpan(0, pixels.Length * Picture.Channels);
        if (!_isPlanar)
        {
            _scaling.Interleave(pixels, wide);
            TensorPrimitives.ConvertToHalf(wide, target[(at * Picture.Channels)..]);
            return;
        }

        for (var plane = 0; plane < Picture.Channels; plane++)
        {
            _scaling.Plane(pixels, plane, wide[..pixels.Length]);
            TensorPrimitives.ConvertToHalf(wide[..pixels.Length], target[(plane * Area + at)..]);
        }
    }

    private void WriteBytes(ReadOnlySpan<uint> pixels, int at)
    {
        if (!_isPlanar)
        {
            _scaling.InterleaveBytes(pixels, _target.Slice(at * Picture.Channels, pixels.Length * Picture.Channels));
            return;
        }

        for (var plane = 0; plane < Picture.Channels; plane++)
            _scaling.PlaneBytes(pixels, plane, _target.Slice(plane * Area + at, pixels.Length));
    }

    private int Area => _plan.InputWidth * _plan.InputHeight;

    private void Pad(int at, int pixels)
    {
        switch (_type)
        {
            case PixelType.Float32:
                Pad(MemoryMarshal.Cast<byte, float>(_target), at, pixels, _scaling.Pad);
                break;
            case PixelType.Float16:
                Pad(MemoryMarshal.Cast<byte, Half>(_target), at, pixels, _scaling.PadHalves);
                break;
            default:
                Pad(_target, at, pixels, _scaling.PadBytes);
                break;
        }
    }

    private void Pad<T>(Span<T> target, int at, int pixels, ReadOnlySpan<T> colour)
    {
        if (_isPlanar)
        {
            for (var plane = 0; plane < Picture.Channels; plane++)
                target.Slice(plane * Area + at, pixels).Fill(colour[plane]);
            return;
        }

        var run = target.Slice(at * Picture.Channels, pixels * Picture.Channels);
        if (run.IsEmpty)
            return;
        colour.CopyTo(run);
        for (var filled = Picture.Channels; filled < run.Length; filled *= 2)
            run[..Math.Min(filled, run.Length - filled)].CopyTo(run[filled..]);
    }
}
