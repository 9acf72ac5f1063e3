using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Serve.Inference.Models;

namespace Serve.Inference.Pictures;

/// <summary>A picture resized by weighted sums of runs of pixels; see <see cref="ScalerTaps"/>.</summary>
/// <remarks>Integer arithmetic throughout: the same bytes come out on every processor, whatever the width of its vectors.</remarks>
internal sealed class WeightedRows : ScaledRows
{
    // Between the two passes a sample keeps 6 bits behind the point: within 16 bits also where a cubic overshoots.
    private const int MiddleBits = 6;
    private const int VerticalShift = ScalerTaps.WeightBits - MiddleBits;
    private const int HorizontalShift = ScalerTaps.WeightBits + MiddleBits;
    private const int BytesAStep = 16;

    private readonly Picture _picture;
    private readonly ScalerTaps _rows;
    private readonly ScalerTaps _columns;
    private readonly short[] _middle;

    public WeightedRows(Picture picture, int width, int height, ResizeFilter filter)
    {
        _picture = picture;
        _rows = ScalerTaps.Create(picture.Height, height, filter, Ratio(picture.Height, picture.OriginalHeight, picture.Shrink, height));
        _columns = ScalerTaps.Create(picture.Width, width, filter, Ratio(picture.Width, picture.OriginalWidth, picture.Shrink, width));

        // The second pass loads two pixels and two samples more at a time.
        _middle = ArrayPool<short>.Shared.Rent(picture.Width * Picture.Channels + Vector128<short>.Count);
    }

    /// <inheritdoc/>
    public override void Read(int y, Span<uint> pixels)
    {
        var stride = _picture.Width * Picture.Channels;
        var weights = _rows.Of(y, out var start);
        MixRows(_picture.Bytes[(start * stride)..], stride, weights, _middle.AsSpan(0, stride));
        MixColumns(_middle, _columns, pixels);
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        _rows.Dispose();
        _columns.Dispose();
        ArrayPool<short>.Shared.Return(_middle);
    }

    private static double Ratio(int source, int original, int shrink, int target) => (shrink == 1 ? source : (double)original / shrink) / target;

    /// <summary>The weighted sum of whole rows.</summary>
    private static void MixRows(ReadOnlySpan<byte> rows, int stride, ReadOnlySpan<int> pairs, Span<short> middle)
    {
        // The partner of a last row without one has no weight.
        var last = (rows.Length / stride - 1) * stride;
        ref var source = ref MemoryMarshal.GetReference(rows);
        ref var target = ref MemoryMarshal.GetReference(middle);
        ref var pair = ref MemoryMarshal.GetReference(pairs);
        var half = Vector256.Create(1 << (VerticalShift - 1));
        var x = 0;
        for (; x <= stride - 2 * BytesAStep; x += 2 * BytesAStep)
        {
            var (lower, upper, nextLower, nextUpper) = (half, half, half, half);
            for (var (k, at) = (0, 0); k < pairs.Length; k++, at += 2 * stride)
            {
                ref var first = ref Unsafe.Add(ref source, at + x);
                ref var second = ref Unsafe.Add(ref source, Math.Min(at + stride, last) + x);
                var weights = Vector256.Create(Unsafe.Add(ref pair, k)).AsInt16();
                var (a, b) = (Vector128.LoadUnsafe(ref first), Vector128.LoadUnsafe(ref second));
                lower += PixelVectors.MultiplyAddPairs(PixelVectors.WidenLowerInTurn(a, b), weights);
                upper += PixelVectors.MultiplyAddPairs(PixelVectors.WidenUpperInTurn(a, b), weights);
                (a, b) = (Vector128.LoadUnsafe(ref first, BytesAStep), Vector128.LoadUnsafe(ref second, BytesAStep));
                nextLower += PixelVectors.MultiplyAddPairs(PixelVectors.WidenLowerInTurn(a, b), weights);
                nextUpper += PixelVectors.MultiplyAddPairs(PixelVectors.WidenUpperInTurn(a, b), weights);
            }

            Vector256.Narrow(lower >> VerticalShift, upper >> VerticalShift).StoreUnsafe(ref target, (nuint)x);
            Vector256.Narrow(nextLower >> VerticalShift, nextUpper >> VerticalShift).StoreUnsafe(ref target, (nuint)(x + BytesAStep));
        }

        for (; x < stride; x++)
        {
            var sum = 1 << (VerticalShift - 1);
            for (var k = 0; k < pairs.Length; k++)
                sum += rows[2 * k * stride + x] * (short)pairs[k] + rows[Math.Min((2 * k + 1) * stride, last) + x] * (pairs[k] >> 16);
            middle[x] = (short)(sum >> VerticalShift);
        }
    }

    /// <summary>The weighted sum of neighbouring pixels in a row.</summary>
    /// <param name="middle">[source width * 3 + 8]; what is behind the row has no weight.</param>
    /// <param name="columns">The weights.</param>
    /// <param name="pixels">[target width]</param>
    private static void MixColumns(ReadOnlySpan<short> middle, in ScalerTaps columns, Span<uint> pixels)
    {
        ref var source = ref MemoryMarshal.GetReference(middle);
        var half = Vector128.Create(1 << (HorizontalShift - 1));
        for (var x = 0; x < pixels.Length; x++)
        {
            var pairs = columns.Of(x, out var start);
            ref var pair = ref MemoryMarshal.GetReference(pairs);
            ref var from = ref Unsafe.Add(ref source, start * Picture.Channels);
            var sum = half;
            for (var (k, at) = (0, 0); k < pairs.Length; k++, at += 2 * Picture.Channels)
            {
                // r0 g0 b0 r1 g1 b1 . . becomes r0 r1 g0 g1 b0 b1.
                var inTurn = Vector128.Shuffle(Vector128.LoadUnsafe(ref from, (nuint)at), Vector128.Create((short)0, 3, 1, 4, 2, 5, 6, 7));
                sum += PixelVectors.MultiplyAddPairs(inTurn, Vector128.Create(Unsafe.Add(ref pair, k)).AsInt16());
            }

            var words = Vector128.NarrowWithSaturation(sum >> HorizontalShift, Vector128<int>.Zero);
            pixels[x] = PixelVectors.ToBytes(words, words).AsUInt32().ToScalar();
        }
    }
}
