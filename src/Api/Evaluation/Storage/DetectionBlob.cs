using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;

namespace Serve.Api.Evaluation.Storage;

/// <summary>
/// Detections as bytes, exact to the last bit, all little-endian: the mark <c>SDT1</c>, the count as int32, then the columns image id and category id (int64),
/// x, y, width, height and score (float64). With masks the mark is <c>SDT2</c>, a column of areas follows, then for each mask its height, its width and the length of its
/// text (int32), and last the texts, one after the other.
/// </summary>
internal static class DetectionBlob
{
    private const uint BoxMark = 0x31544453;    // "SDT1"
    private const uint MaskMark = 0x32544453;   // "SDT2"
    private const int HeaderBytes = 8;
    private const int Columns = 7;
    private const int MaskBytes = 3 * sizeof(int);

    /// <summary>Packs detections, with their masks where the table has them.</summary>
    public static byte[] Pack(DetectionTable table)
    {
        var masks = table.Segmentations;
        var texts = masks is null ? 0 : Enumerable.Range(0, table.Count).Sum(row => masks.TextOf(row).Length);
        var rowBytes = sizeof(long) * (masks is null ? Columns : Columns + 1) + (masks is null ? 0 : MaskBytes);
        var blob = new byte[checked(HeaderBytes + (rowBytes * table.Count) + texts)];
        BinaryPrimitives.WriteUInt32LittleEndian(blob, masks is null ? BoxMark : MaskMark);
        BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(4), table.Count);
        var column = 0;
        PutLongs(table.ImageIds);
        PutLongs(table.CategoryIds);
        PutDoubles(table.X);
        PutDoubles(table.Y);
        PutDoubles(table.Width);
        PutDoubles(table.Height);
        PutDoubles(table.Scores);
        if (masks is not null)
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

    private static void PutMasks(SegmentationTable masks, Span<byte> target, int count)
    {
        var text = target[(MaskBytes * count)..];
        for (var i = 0; i < count; i++)
        {
            var (height, width) = masks.SizeOf(i);
            var runs = masks.TextOf(i);
            BinaryPrimitives.WriteInt32LittleEndian(target[(MaskBytes * i)..], height);
            BinaryPrimitives.WriteInt32LittleEndian(target[((MaskBytes * i) + sizeof(int))..], width);
            BinaryPrimitives.WriteInt32LittleEndian(target[((MaskBytes * i) + (2 * sizeof(int)))..], runs.Length);
            runs.CopyTo(text);
            text = text[runs.Length..];
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
            if (height < 0 || width < 0 || length < 0 || length > text.Length)
                throw new InvalidDataException($"Stored detections end within the mask of row {i}.");
            masks.AddRunLengths(text[..length], height, width);
            text = text[length..];
        }
    }

    private static Span<byte> Column(byte[] blob, int column, int count)
        => blob.AsSpan(HeaderBytes + (column * count * sizeof(long)), count * sizeof(long));
}
