using System.Buffers.Binary;
using NetVips;
using Serve.Inference.Pictures;

namespace Serve.Inference.Tests.Pictures;

/// <summary>Tests that read the memory of libvips, which is that of the whole process, so nothing may run beside them.</summary>
[CollectionDefinition(nameof(PictureMemoryTests), DisableParallelization = true)]
[Collection(nameof(PictureMemoryTests))]
public sealed class PictureMemoryTests
{
    [Fact]
    public void A_claim_of_gigapixels_costs_no_memory()
    {
        // The smallest PNG header that claims 60000 x 60000 pixels, with a right checksum.
        byte[] png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, .. Header(60_000, 60_000), 0, 0, 0, 0, .. "IDAT"u8, 0x35, 0xAF, 0x06, 0x1E];
        PictureDecoder.Decode(PictureEncoder.Encode(TestPictures.Plain(1, 1, 0, 0, 0), "image/png"), TestPictures.Limits);
        var (native, managed) = (Stats.MemHighwater, GC.GetAllocatedBytesForCurrentThread());

        var refused = Assert.Throws<PictureException>(() => PictureDecoder.Decode(png, TestPictures.Limits));

        Assert.Equal(PictureFault.TooLarge, refused.Fault);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - managed, 0, 1L << 20);
        Assert.InRange((long)Stats.MemHighwater - (long)native, 0, 1L << 20);
    }

    private static byte[] Header(int width, int height)
    {
        var chunk = new byte[21];
        "IHDR"u8.CopyTo(chunk);
        BinaryPrimitives.WriteInt32BigEndian(chunk.AsSpan(4), width);
        BinaryPrimitives.WriteInt32BigEndian(chunk.AsSpan(8), height);
        (chunk[12], chunk[13]) = (8, 2);                        // 8 bits, RGB
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(17), Crc32(chunk.AsSpan(0, 17)));
        return chunk;
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }
}
