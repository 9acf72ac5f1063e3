using Serve.Api.Wire;

namespace Serve.Api.Tests.Wire;

public class PooledBytesTests
{
    [Theory]
    [InlineData(0, null)]
    [InlineData(10, 10L)]
    [InlineData(10, null)]
    [InlineData(10, 5L)]
    [InlineData(3_000_000, 3_000_000L)]
    [InlineData(3_000_000, null)]
    public async Task A_stream_is_read_to_its_end_whatever_length_is_claimed(int length, long? claimed)
    {
        var content = Content(length);

        using var bytes = await PooledBytes.ReadAsync(new MemoryStream(content), claimed, limit: 4_000_000, Token);

        Assert.Equal(content, bytes.Memory.ToArray());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1000L)]
    public async Task Of_more_than_is_allowed_one_byte_more_is_read(long? claimed)
    {
        using var stream = new MemoryStream(Content(1000));

        using var bytes = await PooledBytes.ReadAsync(stream, claimed, limit: 99, Token);

        Assert.Equal(100, bytes.Length);
        Assert.Equal(100, stream.Position);
    }

    [Fact]
    public void What_is_written_stays_when_it_grows()
    {
        using var bytes = new PooledBytes(capacity: 1);

        for (var i = 0; i < 100_000; i++)
            bytes.Take(1)[0] = (byte)i;

        Assert.Equal(Enumerable.Range(0, 100_000).Select(i => (byte)i), bytes.Memory.ToArray());
    }

    [Fact]
    public void A_small_limit_is_no_fault()
    {
        using var bytes = PooledBytes.ForBody(length: 1 << 20, limit: 10);

        Assert.InRange(bytes.GetMemory().Length, 11, 1000);
    }

    [Fact]
    public void Nothing_is_given_out_once_it_is_disposed()
    {
        var bytes = new PooledBytes();

        bytes.Dispose();
        bytes.Dispose();

        Assert.Throws<ObjectDisposedException>(() => bytes.Memory);
    }

    private static byte[] Content(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31))];

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
