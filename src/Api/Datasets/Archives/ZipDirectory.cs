using System.Buffers.Binary;

namespace Serve.Api.Datasets.Archives;

/// <summary>
/// Counts the entries of a zip without keeping them: <see cref="System.IO.Compression.ZipArchive"/> holds all of them in memory, however many an archive of a few
/// bytes each has, before it can be asked for their number. PKWARE, APPNOTE 6.3.10, 4.3.12 to 4.3.16.
/// </summary>
internal static class ZipDirectory
{
    private const uint EntrySignature = 0x02014b50, EndSignature = 0x06054b50, End64Signature = 0x06064b50, Locator64Signature = 0x07064b50;
    private const int EntryBytes = 46, EndBytes = 22, End64Bytes = 56, Locator64Bytes = 20, LongestComment = ushort.MaxValue;
    private const uint In64 = uint.MaxValue;

    /// <summary>The number of entries, or one more than the limit when there are more.</summary>
    /// <exception cref="InvalidDataException">It is no zip.</exception>
    public static async Task<int> CountAsync(Stream zip, int limit, CancellationToken ct)
    {
        var at = await StartAsync(zip, ct);
        var header = new byte[EntryBytes];
        var count = 0;
        while (count <= limit && at + EntryBytes <= zip.Length && await ReadAsync(zip, at, header, ct) == EntrySignature)
        {
            count++;
            at += EntryBytes + Short(header, 28) + Short(header, 30) + Short(header, 32);
        }
        return count;
    }

    private static async Task<long> StartAsync(Stream zip, CancellationToken ct)
    {
        var tail = new byte[(int)Math.Min(zip.Length, EndBytes + LongestComment)];
        zip.Position = zip.Length - tail.Length;
        await zip.ReadExactlyAsync(tail, ct);
        var end = Enumerable.Range(0, Math.Max(0, tail.Length - EndBytes + 1)).Select(i => tail.Length - EndBytes - i)
            .FirstOrDefault(i => BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(i)) == EndSignature, -1);
        if (end < 0)
            throw new InvalidDataException("The end of its directory is missing.");
        var start = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 16));
        var place = zip.Length - tail.Length + end;
        if (start != In64)
            return start;

        var (locator, end64) = (new byte[Locator64Bytes], new byte[End64Bytes]);
        if (place < Locator64Bytes || await ReadAsync(zip, place - Locator64Bytes, locator, ct) != Locator64Signature)
            throw new InvalidDataException("The place of its directory is missing.");
        var where = BinaryPrimitives.ReadInt64LittleEndian(locator.AsSpan(8));
        if (where < 0 || where > zip.Length - End64Bytes || await ReadAsync(zip, where, end64, ct) != End64Signature)
            throw new InvalidDataException("The place of its directory is wrong.");
        return BinaryPrimitives.ReadInt64LittleEndian(end64.AsSpan(48)) is >= 0 and var start64 && start64 <= zip.Length
            ? start64
            : throw new InvalidDataException("The place of its directory is wrong.");
    }

    private static async Task<uint> ReadAsync(Stream zip, long at, byte[] bytes, CancellationToken ct)
    {
        zip.Position = at;
        await zip.ReadExactlyAsync(bytes, ct);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private static int Short(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
}
