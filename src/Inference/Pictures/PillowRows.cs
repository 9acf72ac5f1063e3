using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Serve.Inference.Models;

namespace Serve.Inference.Pictures;

/// <summary>
/// A picture resized as Pillow does it, to the last bit: columns first, then rows, each sum rounded to 8 bits. Detectors that were quantised answer differently
/// to pixels that differ by one.
/// </summary>
internal sealed class PillowRows : ScaledRows
{
    private const int Half = 1 << (PillowTaps.WeightBits - 1);

    private readonly int _stride;
    private readonly PillowTaps _rows;
    private readonly byte[] _narrow;
    private readonly byte[] _row;

    /// <summary>Scales all rows to their new width.</summary>
    public PillowRows(Picture picture, int width, int height, ResizeFilter filter)
    {
        _stride = width * Picture.Channels;
        _rows = new PillowTaps(picture.Height, height, filter, (double)picture.OriginalHeight / picture.Shrink / height);
        var columns = new PillowTaps(picture.Width, width, filter, (double)picture.OriginalWidth / picture.Shrink / width);
        _narrow = ArrayPool<byte>.Shared.Rent(picture.Height * _stride);
        _row = ArrayPool<byte>.Shared.Rent(_stride);

        var source = picture.Width * Picture.Channels;
        for (var y = 0; y < picture.Height; y++)
            MixColumns(picture.Bytes.Slice(y * source, source), columns, _narrow.AsSpan(y * _stride, _stride));
    }

    /// <inheritdoc/>
    public override void Read(int y, Span<uint> pixels)
    {
        var weights = _rows.Of(y, out var start);
        MixRows(_narrow.AsSpan(start * _stride), _stride, weights, _row.AsSpan(0, _stride));
        PixelRow.Widen(_row.AsSpan(0, _stride), pixels);
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        ArrayPool<byte>.Shared.Return(_narrow);
        ArrayPool<byte>.Shared.Return(_row);
    }

    private static void MixColumns(ReadOnlySpan<byte> source, in PillowTaps columns, Span<byte> target)
    {
        for (int x = 0, at = 0; at < target.Length; x++, at += Picture.Channels)
        {
            var weights = columns.Of(x, out var start);
            var (red, green, blue) = (Half, Half, Half);
            var pixels = source[(start * Picture.Channels)..];
            for (var k = 0; k < weights.Length; k++)
            {
                var weight = weights[k];
                red += pixels[k * Picture.Channels] * weight;
                green += pixels[k * Picture.Channels + 1] * weight;
                blue += pixels[k * Picture.Channels + 2] * weight;
            }

            (target[at], target[at + 1], target[at + 2]) = (ToByte(red), ToByte(green), ToByte(blue));
        }
    }

    private static void MixRows(ReadOnlySpan<byte> rows, int stride, ReadOnlySpan<int> weights, Span<byte> target)
    {
        ref var source = ref MemoryMarshal.GetReference(rows);
        var x = 0;
        for (; x <= stride - Vector256<int>.Count; x += Vector256<int>.Count)
        {
            var sum = Vector256.Create(Half);
            for (var k = 0; k < weights.Length; k++)
            {
                var bytes = Vector64.LoadUnsafe(ref source, (nuint)(k * stride + x));
                var words = Vector128.WidenLower(bytes.ToVector128());
                sum += Vector256.Create(Vector128.WidenLower(words), Vector128.WidenUpper(words)).AsInt32() * Vector256.Create(weights[k]);
            }

            var clipped = Vector256.Min(Vector256.Max(sum >> PillowTaps.WeightBits, Vector256<int>.Zero), Vector256.Create((int)byte.MaxValue));
            var narrow = Vector128.Narrow(Vector128.Narrow(clipped.GetLower(), clipped.GetUpper()).AsUInt16(), Vector128<ushort>.Zero);
            narrow.GetLower().CopyTo(target[x..]);
        }

        for (; x < stride; x++)
        {
            var sum = Half;
            for (var k = 0; k < weights.Length; k++)
                sum += rows[k * stride + x] * weights[k];
            target[x] = ToByte(sum);
        }
    }

    private static byte ToByte(int sum) => (byte)Math.Clamp(sum >> PillowTaps.WeightBits, 0, byte.MaxValue);
}
