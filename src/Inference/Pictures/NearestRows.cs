using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Serve.Inference.Pictures;

/// <summary>Each pixel is the source pixel at floor(i * source / target), as OpenCV's INTER_NEAREST.</summary>
internal sealed class NearestRows : ScaledRows
{
    private readonly Picture _picture;
    private readonly int[] _offsets;
    private readonly double _step;

    public NearestRows(Picture picture, int width, int height)
    {
        _picture = picture;
        _step = Step(picture.Height, height);
        _offsets = ArrayPool<int>.Shared.Rent(width);
        var across = Step(picture.Width, width);
        for (var x = 0; x < width; x++)
            _offsets[x] = At(x, across, picture.Width) * Picture.Channels;
    }

    /// <inheritdoc/>
    public override void Read(int y, Span<uint> pixels)
    {
        var stride = _picture.Width * Picture.Channels;
        var row = _picture.Bytes.Slice(At(y, _step, _picture.Height) * stride, stride);
        ref var source = ref MemoryMarshal.GetReference(row);
        for (var x = 0; x < pixels.Length; x++)
        {
            ref var pixel = ref Unsafe.Add(ref source, _offsets[x]);
            pixels[x] = Unsafe.ReadUnaligned<ushort>(ref pixel) | (uint)Unsafe.Add(ref pixel, 2) << 16;
        }
    }

    /// <inheritdoc/>
    protected override void Release() => ArrayPool<int>.Shared.Return(_offsets);

    // By way of the inverse, whose rounding decides where a whole number is met nearly.
    private static double Step(int source, int target) => 1 / ((double)target / source);

    private static int At(int i, double step, int source) => Math.Min((int)Math.Floor(i * step), source - 1);
}
