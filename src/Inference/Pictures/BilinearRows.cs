using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Serve.Inference.Pictures;

/// <summary>A picture resized as OpenCV's INTER_LINEAR does it, to the same bytes: the two nearest pixels of the two nearest rows, also when shrinking.</summary>
/// <remarks>Rows are mixed from pixels first (7 bits behind the point stay), then from rows; each product of the second step loses its lower 16 bits alone.</remarks>
internal sealed class BilinearRows : ScaledRows
{
    private const int WordsAPixel = 4;
    private const int PixelsAStep = 4;
    private const int BytesALoad = 8;
    private const int RowShift = 4;

    private readonly Picture _picture;
    private readonly int _width;
    private readonly BilinearTaps _columns;
    private readonly BilinearTaps _rows;

    // The two rows at hand, mixed from pixels: the next two often share one with them.
    private readonly short[][] _mixed = new short[2][];
    private readonly int[] _of = [-1, -1];

    private readonly byte[] _end;
    private readonly int _endAt;

    public BilinearRows(Picture picture, int width, int height, bool isArea)
    {
        (_picture, _width) = (picture, width);
        _columns = BilinearTaps.Create(picture.Width, width, isArea, isRows: false);
        _rows = BilinearTaps.Create(picture.Height, height, isArea, isRows: true);
        var words = (width + PixelsAStep) * WordsAPixel;
        (_mixed[0], _mixed[1]) = (ArrayPool<short>.Shared.Rent(words), ArrayPool<short>.Shared.Rent(words));

        // Two pixels are loaded as eight bytes. The last row is read from a copy, behind which there are some.
        var stride = picture.Width * Picture.Channels;
        _endAt = picture.Height - 1;
        _end = ArrayPool<byte>.Shared.Rent(stride + BytesALoad);
        picture.Bytes.Slice(_endAt * stride, stride).CopyTo(_end);
    }

    /// <inheritdoc/>
    public override void Read(int y, Span<uint> pixels)
    {
        var start = _rows.Starts[y];
        var upper = Mixed(Math.Clamp(start, 0, _endAt));
        var lower = Mixed(Math.Clamp(start + 1, 0, _endAt));
        var pair = _rows.Pairs[y];
        Mix(upper, (short)pair, lower, (short)(pair >> 16), pixels);
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        _columns.Dispose();
        _rows.Dispose();
        ArrayPool<short>.Shared.Return(_mixed[0]);
        ArrayPool<short>.Shared.Return(_mixed[1]);
        ArrayPool<byte>.Shared.Return(_end);
    }

    /// <summary>A source row mixed from pixels: [width, 4] of 15 bits.</summary>
    private short[] Mixed(int row)
    {
        if (_of[0] == row)
            return _mixed[0];
        if (_of[1] == row)
            return _mixed[1];

        // The row that lies higher is not needed again.
        var slot = _of[0] < _of[1] ? 0 : 1;
        _of[slot] = row;
        var stride = _picture.Width * Picture.Channels;
        MixPixels(row == _endAt ? _end : _picture.Bytes[(row * stride)..], _mixed[slot]);
        return _mixed[slot];
    }

    private void MixPixels(ReadOnlySpan<byte> row, Span<short> mixed)
    {
        ref var source = ref MemoryMarshal.GetReference(row);
        ref var target = ref MemoryMarshal.GetReference(mixed);
        ref var start = ref MemoryMarshal.GetArrayDataReference(_columns.Starts);
        ref var pair = ref MemoryMarshal.GetArrayDataReference(_columns.Pairs);
        var x = 0;
        for (; x < _width - 1; x += 2)
        {
            var first = Mix(ref source, Unsafe.Add(ref start, x), Unsafe.Add(ref pair, x));
            var second = Mix(ref source, Unsafe.Add(ref start, x + 1), Unsafe.Add(ref pair, x + 1));
            Vector128.NarrowWithSaturation(first, second).StoreUnsafe(ref target, (nuint)(x * WordsAPixel));
        }

        if (x < _width)
        {
            var last = Mix(ref source, Unsafe.Add(ref start, x), Unsafe.Add(ref pair, x));
            Vector128.NarrowWithSaturation(last, last).StoreUnsafe(ref target, (nuint)(x * WordsAPixel));
        }
    }

    /// <summary>Red, green and blue of a pixel, from two that follow each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Mix(ref byte row, int start, int pair)
    {
        // r0 g0 b0 r1 g1 b1 . . becomes r0 r1 g0 g1 b0 b1, of 16 bits each.
        var bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref row, start * Picture.Channels))).AsByte();
        var pairs = Vector128.Shuffle(bytes, Vector128.Create((byte)0, 255, 3, 255, 1, 255, 4, 255, 2, 255, 5, 255, 255, 255, 255, 255)).AsInt16();
        return PixelVectors.MultiplyAddPairs(pairs, Vector128.Create(pair).AsInt16()) >> RowShift;
    }

    private static void Mix(short[] upper, short upperWeight, short[] lower, short lowerWeight, Span<uint> pixels)
    {
        ref var first = ref MemoryMarshal.GetArrayDataReference(upper);
        ref var second = ref MemoryMarshal.GetArrayDataReference(lower);
        ref var target = ref MemoryMarshal.GetReference(pixels);
        var (firstWeight, secondWeight) = (Vector128.Create(upperWeight), Vector128.Create(lowerWeight));
        var x = 0;
        for (; x <= pixels.Length - PixelsAStep; x += PixelsAStep)
            Mix(ref first, firstWeight, ref second, secondWeight, x * WordsAPixel).StoreUnsafe(ref target, (nuint)x);
        if (x < pixels.Length)
        {
            var rest = Mix(ref first, firstWeight, ref second, secondWeight, x * WordsAPixel);
            for (var i = 0; x < pixels.Length; i++, x++)
                pixels[x] = rest.GetElement(i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Mix(ref short upper, Vector128<short> upperWeight, ref short lower, Vector128<short> lowerWeight, int at)
    {
        var two = Vector128.Create((short)2);
        var half = Vector128<short>.Count;
        var left = PixelVectors.MultiplyHigh(Vector128.LoadUnsafe(ref upper, (nuint)at), upperWeight)
            + PixelVectors.MultiplyHigh(Vector128.LoadUnsafe(ref lower, (nuint)at), lowerWeight);
        var right = PixelVectors.MultiplyHigh(Vector128.LoadUnsafe(ref upper, (nuint)(at + half)), upperWeight)
            + PixelVectors.MultiplyHigh(Vector128.LoadUnsafe(ref lower, (nuint)(at + half)), lowerWeight);
        return PixelVectors.ToBytes((left + two) >> 2, (right + two) >> 2).AsUInt32();
    }
}
