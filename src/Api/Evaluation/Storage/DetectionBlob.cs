using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Serve.Eval.Datasets;

namespace Serve.Api.Evaluation.Storage;

/// <summary>
/// Detections as bytes, exact to the last bit: the mark <c>SDT1</c>, the count as int32, then the columns image id and category id (int64),
/// x, y, width, height and score (float64), all little-endian.
/// </summary>
internal static class DetectionBlob
{
    private const uint Mark = 0x31544453;   // "SDT1"
    private const int HeaderBytes = 8;
    private const int Columns = 7;

    /// <summary>Packs detections.</summary>
    public static byte[] Pack(DetectionTable table)
    {
        var blob = new byte[HeaderBytes + (Columns * sizeof(long) * table.Count)];
        BinaryPrimitives.WriteUInt32LittleEndian(blob, Mark);
        BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(4), table.Count);
        var column = 0;
        PutLongs(table.ImageIds);
        PutLongs(table.CategoryIds);
        PutDoubles(table.X);
        PutDoubles(table.Y);
        PutDoubles(table.Width);
        PutDoubles(table.Height);
        PutDoubles(table.Scores);
        return blob;

        void PutLongs(ReadOnlySpan<long> values)
        {
            var target = Column(blob, column++, values.Length);
            for (var i = 0; i < values.Length; i++)
                BinaryPrimitives.WriteInt64LittleEndian(target[(i * sizeof(long))..], values[i]);
        }

        void PutDoubles(ReadOnlySpan<double> values) => PutLongs(MemoryMarshal.Cast<double, long>(values));
    }

    /// <summary>Adds packed detections to a table, in their order.</summary>
    /// <exception cref="InvalidDataException">The bytes are not packed detections.</exception>
    public static void Unpack(byte[] blob, DetectionTable table)
    {
        if (blob.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(blob) != Mark)
            throw new InvalidDataException("Stored detections do not begin with SDT1.");
        var count = BinaryPrimitives.ReadInt32LittleEndian(blob.AsSpan(4));
        if (count < 0 || blob.LongLength != HeaderBytes + ((long)Columns * sizeof(long) * count))
            throw new InvalidDataException($"Stored detections claim {count} rows, which {blob.Length} bytes do not hold.");
        for (var i = 0; i < count; i++)
            table.Add(Long(0, i), Long(1, i), Double(2, i), Double(3, i), Double(4, i), Double(5, i), Double(6, i));

        long Long(int column, int row) => BinaryPrimitives.ReadInt64LittleEndian(Column(blob, column, count)[(row * sizeof(long))..]);
        double Double(int column, int row) => BitConverter.Int64BitsToDouble(Long(column, row));
    }

    private static Span<byte> Column(byte[] blob, int column, int count)
        => blob.AsSpan(HeaderBytes + (column * count * sizeof(long)), count * sizeof(long));
}
