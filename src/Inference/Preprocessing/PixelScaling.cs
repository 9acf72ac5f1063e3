using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Inference.Preprocessing;

/// <summary>What becomes of a pixel's bytes: (value * Scale - Mean) / Std in the model's order of channels, as value * factor + offset in single precision.</summary>
/// <remarks>Pixels are 32 bits: red, green and blue from the lowest byte on; the highest byte may hold anything.</remarks>
internal sealed class PixelScaling
{
    private const int BitsAByte = 8;
    private const int PixelsAStep = 16;

    // Bytes of a pixel in the model's order, each widened to 32 bits; 255 gives zero.
    private static readonly Vector128<byte> RgbWidening = Vector128.Create((byte)0, 255, 255, 255, 1, 255, 255, 255, 2, 255, 255, 255, 255, 255, 255, 255);
    private static readonly Vector128<byte> BgrWidening = Vector128.Create((byte)2, 255, 255, 255, 1, 255, 255, 255, 0, 255, 255, 255, 255, 255, 255, 255);

    private readonly float[] _factors = new float[Picture.Channels];
    private readonly float[] _offsets = new float[Picture.Channels];
    private readonly float[] _pad = new float[Picture.Channels];
    private readonly Half[] _padHalves = new Half[Picture.Channels];
    private readonly byte[] _padBytes = new byte[Picture.Channels];
    private readonly bool _isBgr;

    public PixelScaling(InputSpec input)
    {
        _isBgr = input.ChannelOrder == "bgr";
        for (var channel = 0; channel < Picture.Channels; channel++)
        {
            _factors[channel] = (float)(input.Scale / input.Std[channel]);
            _offsets[channel] = (float)(-input.Mean[channel] / input.Std[channel]);
            _pad[channel] = input.PadAfterNormalising ? 0 : (float)input.PadValue * _factors[channel] + _offsets[channel];
            _padHalves[channel] = (Half)_pad[channel];
            _padBytes[channel] = input.PadAfterNormalising ? (byte)0 : (byte)Math.Round(input.PadValue);
        }
    }

    /// <summary>Values of a padded pixel.</summary>
    public ReadOnlySpan<float> Pad => _pad;

    /// <inheritdoc cref="Pad"/>
    public ReadOnlySpan<Half> PadHalves => _padHalves;

    /// <inheritdoc cref="Pad"/>
    public ReadOnlySpan<byte> PadBytes => _padBytes;

    /// <summary>One channel of a row.</summary>
    public void Plane(ReadOnlySpan<uint> pixels, int plane, Span<float> target)
    {
        var (shift, factor, offset) = (Shift(plane), _factors[plane], _offsets[plane]);
        ref var source = ref MemoryMarshal.GetReference(pixels);
        ref var to = ref MemoryMarshal.GetReference(target);
        var mask = Vector256.Create(0xFFu);
        var (factors, offsets) = (Vector256.Create(factor), Vector256.Create(offset));
        var x = 0;
        for (; x <= pixels.Length - Vector256<uint>.Count; x += Vector256<uint>.Count)
        {
            var bytes = Vector256.LoadUnsafe(ref source, (nuint)x) >>> shift & mask;
            (Vector256.ConvertToSingle(bytes.AsInt32()) * factors + offsets).StoreUnsafe(ref to, (nuint)x);
        }

        for (; x < pixels.Length; x++)
            target[x] = (pixels[x] >> shift & 0xFF) * factor + offset;
    }

    /// <summary>A row, its channels in turn.</summary>
    public void Interleave(ReadOnlySpan<uint> pixels, Span<float> target)
    {
        var factors = Vector128.Create(_factors[0], _factors[1], _factors[2], 0);
        var offsets = Vector128.Create(_offsets[0], _offsets[1], _offsets[2], 0);
        var widening = _isBgr ? BgrWidening : RgbWidening;
        ref var to = ref MemoryMarshal.GetReference(target);
        var last = pixels.Length - 1;

        // One value too many is stored each time, and overwritten by the next pixel's.
        for (var x = 0; x < last; x++)
            Interleaved(pixels[x], widening, factors, offsets).StoreUnsafe(ref to, (nuint)(x * Picture.Channels));
        var values = Interleaved(pixels[last], widening, factors, offsets);
        for (var channel = 0; channel < Picture.Channels; channel++)
            target[last * Picture.Channels + channel] = values.GetElement(channel);
    }

    /// <summary>One channel of a row, as bytes.</summary>
    public void PlaneBytes(ReadOnlySpan<uint> pixels, int plane, Span<byte> target)
    {
        var shift = Shift(plane);
        ref var source = ref MemoryMarshal.GetReference(pixels);
        ref var to = ref MemoryMarshal.GetReference(target);
        var mask = Vector256.Create(0xFFu);
        var x = 0;
        for (; x <= pixels.Length - PixelsAStep; x += PixelsAStep)
        {
            var words = Vector256.Narrow(
                Vector256.LoadUnsafe(ref source, (nuint)x) >>> shift & mask, Vector256.LoadUnsafe(ref source, (nuint)(x + Vector256<uint>.Count)) >>> shift & mask);
            Vector128.Narrow(words.GetLower(), words.GetUpper()).StoreUnsafe(ref to, (nuint)x);
        }

        for (; x < pixels.Length; x++)
            target[x] = (byte)(pixels[x] >> shift);
    }

    /// <summary>A row, its channels in turn, as bytes.</summary>
    public void InterleaveBytes(ReadOnlySpan<uint> pixels, Span<byte> target)
    {
        if (!_isBgr)
        {
            PixelRow.Narrow(pixels, target);
            return;
        }

        for (var (x, at) = (0, 0); x < pixels.Length; x++, at += Picture.Channels)
            (target[at], target[at + 1], target[at + 2]) = ((byte)(pixels[x] >> 16), (byte)(pixels[x] >> 8), (byte)pixels[x]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Interleaved(uint pixel, Vector128<byte> widening, Vector128<float> factors, Vector128<float> offsets)
    {
        var values = Vector128.ShuffleNative(Vector128.CreateScalarUnsafe(pixel).AsByte(), widening).AsInt32();
        return Vector128.ConvertToSingle(values) * factors + offsets;
    }

    private int Shift(int plane) => BitsAByte * (_isBgr ? Picture.Channels - 1 - plane : plane);
}
