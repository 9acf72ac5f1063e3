using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Inference.Preprocessing;

/// <summary>Writes pictures as a model's input: resized, padded, channels first, scaled and normalised.</summary>
public static class InputTensor
{
    private const int Channels = 3;
    private const int PixelsAStep = 16;

    /// <summary>Number of floats of one picture's input.</summary>
    public static int Length(InputSpec input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return checked(Channels * input.Height * input.Width);
    }

    /// <summary>Writes one picture.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="input">How the model wants it.</param>
    /// <param name="target">[3, Height, Width] of <paramref name="input"/>, filled completely: (value * Scale - Mean) / Std.</param>
    /// <returns>Where the picture lies in it.</returns>
    public static ResizePlan Write(Picture picture, InputSpec input, Span<float> target)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, Length(input));
        var plan = ResizePlan.For(input, picture.Width, picture.Height);
        if (picture.Width == plan.Width && picture.Height == plan.Height)
        {
            Lay(picture.Pixels, plan, input, target);
            return plan;
        }

        var length = plan.Width * plan.Height * Channels;
        var resized = ArrayPool<byte>.Shared.Rent(length);
        PictureScaler.Resize(picture, resized.AsSpan(0, length), plan.Width, plan.Height);
        Lay(resized.AsSpan(0, length), plan, input, target);
        ArrayPool<byte>.Shared.Return(resized);
        return plan;
    }

    /// <summary>Lays a resized picture into the tensor.</summary>
    private static void Lay(ReadOnlySpan<byte> pixels, ResizePlan plan, InputSpec input, Span<float> target)
    {
        var area = input.Width * input.Height;
        Span<float> factors = stackalloc float[Channels];
        Span<float> offsets = stackalloc float[Channels];
        for (var channel = 0; channel < Channels; channel++)
        {
            factors[channel] = (float)(input.Scale / input.Std[channel]);
            offsets[channel] = (float)(-input.Mean[channel] / input.Std[channel]);
            if (plan.Width < input.Width || plan.Height < input.Height)
                target.Slice(channel * area, area).Fill((float)input.PadValue * factors[channel] + offsets[channel]);
        }

        // Planes in the order of the picture's bytes: red, green, blue.
        var swap = input.ChannelOrder == "bgr";
        var (first, last) = swap ? (2, 0) : (0, 2);
        for (var y = 0; y < plan.Height; y++)
        {
            var at = (plan.Top + y) * input.Width + plan.Left;
            LayRow(
                pixels.Slice(y * plan.Width * Channels, plan.Width * Channels),
                target.Slice(first * area + at, plan.Width), factors[first], offsets[first],
                target.Slice(area + at, plan.Width), factors[1], offsets[1],
                target.Slice(last * area + at, plan.Width), factors[last], offsets[last]);
        }
    }

    private static void LayRow(
        ReadOnlySpan<byte> row,
        Span<float> red, float redFactor, float redOffset,
        Span<float> green, float greenFactor, float greenOffset,
        Span<float> blue, float blueFactor, float blueOffset)
    {
        var x = 0;
        for (; x <= red.Length - PixelsAStep; x += PixelsAStep)
        {
            // 48 bytes are 16 pixels: a0, a1, a2 hold r0 g0 b0 r1 ... b15.
            ref var source = ref MemoryMarshal.GetReference(row[(x * Channels)..]);
            var (a0, a1, a2) = (Vector128.LoadUnsafe(ref source), Vector128.LoadUnsafe(ref source, 16), Vector128.LoadUnsafe(ref source, 32));
            Store(Gather(a0, a1, a2, 0), red[x..], redFactor, redOffset);
            Store(Gather(a0, a1, a2, 1), green[x..], greenFactor, greenOffset);
            Store(Gather(a0, a1, a2, 2), blue[x..], blueFactor, blueOffset);
        }

        for (; x < red.Length; x++)
        {
            red[x] = row[x * Channels] * redFactor + redOffset;
            green[x] = row[x * Channels + 1] * greenFactor + greenOffset;
            blue[x] = row[x * Channels + 2] * blueFactor + blueOffset;
        }
    }

    /// <summary>Every third byte, from <paramref name="channel"/> on: an index outside 0..15 gives zero, so that the three parts can be merged.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]      // so that the index is a constant
    private static Vector128<byte> Gather(Vector128<byte> a0, Vector128<byte> a1, Vector128<byte> a2, byte channel)
    {
        var index = Vector128.Create((byte)0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45) + Vector128.Create(channel);
        return Vector128.Shuffle(a0, index) | Vector128.Shuffle(a1, index - Vector128.Create((byte)16)) | Vector128.Shuffle(a2, index - Vector128.Create((byte)32));
    }

    private static void Store(Vector128<byte> values, Span<float> target, float factor, float offset)
    {
        ref var to = ref MemoryMarshal.GetReference(target);
        var words = Vector256.Create(Vector128.WidenLower(values), Vector128.WidenUpper(values));
        var lower = Vector256.ConvertToSingle(Vector256.WidenLower(words).AsInt32());
        var upper = Vector256.ConvertToSingle(Vector256.WidenUpper(words).AsInt32());
        (lower * factor + Vector256.Create(offset)).StoreUnsafe(ref to);
        (upper * factor + Vector256.Create(offset)).StoreUnsafe(ref to, 8);
    }
}
