namespace Serve.Eval.Tests.Datasets;

/// <summary>A stream that cannot seek and brings only a few bytes at a time.</summary>
/// <param name="bytes">All bytes.</param>
/// <param name="most">Most bytes at a time, from one; 0 for any number.</param>
internal sealed class DrippingStream(byte[] bytes, int most) : MemoryStream(bytes)
{
    public override bool CanSeek => false;

    public override int Read(Span<byte> buffer) => base.Read(most == 0 ? buffer : buffer[..Math.Min(buffer.Length, most)]);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));
}
