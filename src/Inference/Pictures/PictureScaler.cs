using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Serve.Inference.Pictures;

/// <summary>Resizes pictures. Training and serving use this one function, so that a model sees the same pixels in both.</summary>
/// <remarks>
/// Integer arithmetic throughout: the same bytes come out on every processor, whatever the width of its vectors. The weights are described at
/// <see cref="ScalerTaps"/>; they are those of the "bilinear with antialias" of the usual research libraries.
/// </remarks>
public static class PictureScaler
{
    // Between the two passes a sample keeps 6 bits behind the point: 255 << 6 times a weight of at most 1 << 14 stays inside an int.
    private const int MiddleBits = 6;
    private const int VerticalShift = ScalerTaps.WeightBits - MiddleBits;
    private const int HorizontalShift = ScalerTaps.WeightBits + MiddleBits;
    private const int Channels = 3;
    private const int BytesAStep = 16;

    /// <summary>Resizes to exactly the given size: bilinear, with area averaging when shrinking.</summary>
    /// <returns>A new picture, or the same one when it has that size already.</returns>
    public static Picture Resize(Picture picture, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (picture.Width == width && picture.Height == height)
            return picture;

        var pixels = GC.AllocateUninitializedArray<byte>(checked(width * height * Channels));
        Resize(picture, pixels, width, height);
        return new Picture(width, height, pixels);
    }

    /// <summary>Resizes into a buffer of the caller.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="target">[height, width, 3], filled completely.</param>
    /// <param name="width">Target width in pixels.</param>
    /// <param name="height">Target height in pixels.</param>
    internal static void Resize(Picture picture, Span<byte> target, int width, int height)
    {
        var sourceStride = picture.Width * Channels;
        using var rows = ScalerTaps.Create(picture.Height, height);
        using var columns = ScalerTaps.Create(picture.Width, width);

        // One sample more than a row: the horizontal pass reads four channels at a time.
        var middle = ArrayPool<ushort>.Shared.Rent(sourceStride + 1);
        middle[sourceStride] = 0;
        for (var y = 0; y < height; y++)
        {
            var weights = rows.Of(y, out var start);
            MixRows(picture.Pixels.AsSpan(start * sourceStride, weights.Length * sourceStride), weights, middle.AsSpan(0, sourceStride));
            MixColumns(middle.AsSpan(0, sourceStride + 1), columns, target.Slice(y * width * Channels, width * Channels));
        }

        ArrayPool<ushort>.Shared.Return(middle);
    }

    /// <summary>The weighted sum of whole rows.</summary>
    private static void MixRows(ReadOnlySpan<byte> rows, ReadOnlySpan<int> weights, Span<ushort> middle)
    {
        var stride = middle.Length;
        ref var source = ref MemoryMarshal.GetReference(rows);
        ref var target = ref MemoryMarshal.GetReference(middle);
        var half = Vector256.Create(1u << (VerticalShift - 1));
        var x = 0;
        for (; x <= stride - BytesAStep; x += BytesAStep)
        {
            var (lower, upper) = (half, half);
            for (var k = 0; k < weights.Length; k++)
            {
                var bytes = Vector128.LoadUnsafe(ref source, (nuint)(k * stride + x));
                var words = Vector256.Create(Vector128.WidenLower(bytes), Vector128.WidenUpper(bytes));
                var weight = Vector256.Create((uint)weights[k]);
                lower += Vector256.WidenLower(words) * weight;
                upper += Vector256.WidenUpper(words) * weight;
            }

            Vector256.Narrow(lower >>> VerticalShift, upper >>> VerticalShift).StoreUnsafe(ref target, (nuint)x);
        }

        for (; x < stride; x++)
        {
            var sum = 1 << (VerticalShift - 1);
            for (var k = 0; k < weights.Length; k++)
                sum += rows[k * stride + x] * weights[k];
            middle[x] = (ushort)(sum >> VerticalShift);
        }
    }

    /// <summary>The weighted sum of neighbouring pixels in a row.</summary>
    /// <param name="middle">[source width * 3 + 1]; the last sample is not part of the picture.</param>
    /// <param name="columns">The weights.</param>
    /// <param name="target">[target width * 3]</param>
    private static void MixColumns(ReadOnlySpan<ushort> middle, ScalerTaps columns, Span<byte> target)
    {
        ref var source = ref MemoryMarshal.GetReference(middle);
        var half = Vector128.Create(1 << (HorizontalShift - 1));
        for (var (x, at) = (0, 0); at < target.Length; x++, at += Channels)
        {
            var weights = columns.Of(x, out var start);
            var sum = half;
            for (var k = 0; k < weights.Length; k++)
            {
                var pixel = Vector64.LoadUnsafe(ref source, (nuint)((start + k) * Channels));
                sum += Vector128.WidenLower(pixel.ToVector128Unsafe()).AsInt32() * weights[k];
            }

            sum >>= HorizontalShift;
            target[at] = (byte)sum.GetElement(0);
            target[at + 1] = (byte)sum.GetElement(1);
            target[at + 2] = (byte)sum.GetElement(2);
        }
    }
}
