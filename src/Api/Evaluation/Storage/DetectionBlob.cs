using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;

namespace Serve.Api.Evaluation.Storage;

/// <summary>
/// Detections as bytes, exact to the last bit, all little-endian: the mark <c>SDT1</c>, the count as int32, then the columns image id and category id (int64),
/// x, y, width, height and score (float64). With masks, or areas that are not those of the boxes, the mark is <c>SDT2</c>, a column of areas follows, then for each mask its
/// height, its width and the length of its text (int32), and last the texts, one after the other. A height of -1 says that there is no mask, -2 that it is polygons: the width is
/// then their number, and in place of the text stand their coordinates (float64), then how many of them each polygon has (int32).
/// </summary>
internal static class DetectionBlob
{
    private const uint BoxMark = 0x31544453;    // "SDT1"
    private const uint MaskMark = 0x32544453;   // "SDT2"
    private const int HeaderBytes = 8;
    private const int Columns = 7;
    private const int MaskBytes = 3 * sizeof(int);
    private const int NoMask = -1;
    private const int PolygonMask = -2;

    /// <summary>Packs detections, with their masks where the table has them.</summary>
    public static byte[] Pack(DetectionTable table)
    {
        var masks = table.Segmentations;
        var isPlain = masks is null && HasAreasOfBoxes(table);
        var texts = masks is null ? 0 : Enumerable.Range(0, table.Count).Sum(row => MaskOf(masks, row).Length);
        var rowBytes = sizeof(long) * (isPlain ? Columns : Columns + 1) + (isPlain ? 0 : MaskBytes);
        var blob = new byte[checked(HeaderBytes + (rowBytes * table.Count) + texts)];
        BinaryPrimitives.WriteUInt32LittleEndian(blob, isPlain ? BoxMark : MaskMark);
        BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(4), table.Count);
        var column = 0;
        PutLongs(table.ImageIds);
        PutLongs(table.CategoryIds);
        PutDoubles(table.X);
        PutDoubles(table.Y);
        PutDoubles(table.Width);
        PutDoubles(table.Height);
        PutDoubles(table.Scores);
        if (!isPlain)
        {
            PutDoubles(table.Areas);
            PutMasks(masks, blob.AsSpan(HeaderBytes + ((Columns + 1) * sizeof(long) * table.Count)), table.Count);
        }

        return blob;

        void PutLongs(ReadOnlySpan<long> values)
        {
            var target = Column(blob, column++, values.Length);
            for (var i = 0; i < values.Length; i++)
                BinaryPrimitives.WriteInt64LittleEndian(target[(i * sizeof(long))..], values[i]);
        }

        void PutDoubles(ReadOnlySpan<double> values) => PutLongs(MemoryMarshal.Cast<double, long>(values));
    }

    /// <summary>Adds packed detections to a table, in their order; masks where both have them.</summary>
    /// <exception cref="InvalidDataException">The bytes are not packed detections, or have no masks where the table holds some.</exception>
    public static void Unpack(byte[] blob, DetectionTable table)
    {
        var mark = blob.Length < HeaderBytes ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(blob);
        if (mark is not (BoxMark or MaskMark))
            throw new InvalidDataException("Stored detections do not begin with SDT1 or SDT2.");
        if (mark == BoxMark && table.Segmentations is not null)
            throw new InvalidDataException("Stored detections have no masks.");
        var count = BinaryPrimitives.ReadInt32LittleEndian(blob.AsSpan(4));
        var columns = (long)(mark == BoxMark ? Columns : Columns + 1) * sizeof(long) * count;
        if (count < 0 || (mark == BoxMark ? blob.LongLength != HeaderBytes + columns : blob.LongLength < HeaderBytes + columns + ((long)MaskBytes * count)))
            throw new InvalidDataException($"Stored detections claim {count} rows, which {blob.Length} bytes do not hold.");
        for (var i = 0; i < count; i++)
        {
            if (mark == BoxMark)
                table.Add(Long(0, i), Long(1, i), Double(2, i), Double(3, i), Double(4, i), Double(5, i), Double(6, i));
            else
                table.Add(Long(0, i), Long(1, i), Double(2, i), Double(3, i), Double(4, i), Double(5, i), Double(6, i), Double(7, i));
        }

        if (mark == MaskMark && table.Segmentations is { } masks)
            AddMasks(blob.AsSpan(HeaderBytes + (int)columns), count, masks);

        long Long(int column, int row) => BinaryPrimitives.ReadInt64LittleEndian(Column(blob, column, count)[(row * sizeof(long))..]);
        double Double(int column, int row) => BitConverter.Int64BitsToDouble(Long(column, row));
    }

    private static bool HasAreasOfBoxes(DetectionTable table)
    {
        for (var i = 0; i < table.Count; i++)
        {
            if (!table.Areas[i].Equals(table.Width[i] * table.Height[i]))
                return false;
        }
        return true;
    }

    private static (int Height, int Width, int Length) MaskOf(SegmentationTable? masks, int row)
    {
        switch (masks?.KindOf(row) ?? SegmentationKind.None)
        {
            case SegmentationKind.None:
                return (NoMask, 0, 0);
            case SegmentationKind.Polygons:
                var polygons = masks!.PolygonsOf(row);
                return (PolygonMask, polygons.Count, (sizeof(double) * polygons.Numbers.Length) + (sizeof(int) * polygons.Count));
            default:
                var (height, width) = masks!.SizeOf(row);
                return (height, width, masks.TextOf(row).Length);
        }
    }

    private static void PutMasks(SegmentationTable? masks, Span<byte> target, int count)
    {
        var text = target[(MaskBytes * count)..];
        for (var i = 0; i < count; i++)
        {
            var (height, width, length) = MaskOf(masks, i);
            BinaryPrimitives.WriteInt32LittleEndian(target[(MaskBytes * i)..], height);
            BinaryPrimitives.WriteInt32LittleEndian(target[((MaskBytes * i) + sizeof(int))..], width);
            BinaryPrimitives.WriteInt32LittleEndian(target[((MaskBytes * i) + (2 * sizeof(int)))..], length);
            if (height == PolygonMask)
                PutPolygons(masks!.PolygonsOf(i), text);
            else if (height != NoMask)
                masks!.TextOf(i).CopyTo(text);
            text = text[length..];
        }
    }

    private static void PutPolygons(PolygonList polygons, Span<byte> target)
    {
        foreach (var number in polygons.Numbers)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(target, number);
            target = target[sizeof(double)..];
        }
        foreach (var length in polygons.Lengths)
        {
            BinaryPrimitives.WriteInt32LittleEndian(target, length);
            target = target[sizeof(int)..];
        }
    }

    private static void AddMasks(ReadOnlySpan<byte> source, int count, SegmentationTable masks)
    {
        var text = source[(MaskBytes * count)..];
        for (var i = 0; i < count; i++)
        {
            var height = BinaryPrimitives.ReadInt32LittleEndian(source[(MaskBytes * i)..]);
            var width = BinaryPrimitives.ReadInt32LittleEndian(source[((MaskBytes * i) + sizeof(int))..]);
            var length = BinaryPrimitives.ReadInt32LittleEndian(source[((MaskBytes * i) + (2 * sizeof(int)))..]);
            if (height < PolygonMask || width < 0 || length < 0 || length > text.Length)
                throw new InvalidDataException($"Stored detections end within the mask of row {i}.");
            if (height == PolygonMask && (length < (long)sizeof(int) * width || (length - (sizeof(int) * width)) % sizeof(double) != 0))
                throw new InvalidDataException($"Stored detections end within the polygons of row {i}.");
            if (height == PolygonMask)
                AddPolygons(text[..length], width, masks);
            else if (height == NoMask)
                masks.AddNone();
            else
                masks.AddRunLengths(text[..length], height, width);
            text = text[length..];
        }
    }

    private static void AddPolygons(ReadOnlySpan<byte> source, int count, SegmentationTable masks)
    {
        var numbers = new double[(source.Length - (sizeof(int) * count)) / sizeof(double)];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = BinaryPrimitives.ReadDoubleLittleEndian(source[(sizeof(double) * i)..]);
        var lengths = new int[count];
        for (var i = 0; i < count; i++)
            lengths[i] = BinaryPrimitives.ReadInt32LittleEndian(source[((sizeof(double) * numbers.Length) + (sizeof(int) * i))..]);
        masks.AddPolygons(numbers, lengths);
    }

    private static Span<byte> Column(byte[] blob, int column, int count)
        => blob.AsSpan(HeaderBytes + (column * count * sizeof(long)), count * sizeof(long));
}
