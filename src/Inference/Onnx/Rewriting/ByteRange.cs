namespace Serve.Inference.Onnx.Rewriting;

/// <summary>Bytes of a file.</summary>
/// <param name="Start">The first.</param>
/// <param name="End">Behind the last.</param>
internal readonly record struct ByteRange(long Start, long End)
{
    /// <summary>How many.</summary>
    public long Length => End - Start;
}
