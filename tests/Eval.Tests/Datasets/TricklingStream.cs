namespace Serve.Eval.Tests.Datasets;

/// <summary>Hands out its bytes in pieces of uneven length, as a network does.</summary>
internal sealed class TricklingStream(byte[] bytes) : MemoryStream(bytes)
{
    private readonly Random random = new(1);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, 100_000))], cancellationToken);
}
