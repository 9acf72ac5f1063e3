namespace Serve.Inference.Onnx.Rewriting;

/// <summary>Parts of a file.</summary>
internal static class FileBytes
{
    /// <summary>Reads them.</summary>
    /// <exception cref="IOException">The file has become shorter.</exception>
    public static byte[] Read(FileStream file, ByteRange range)
    {
        var bytes = new byte[range.Length];
        file.Position = range.Start;
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Copies them.</summary>
    /// <exception cref="IOException">The file has become shorter, or the other cannot be written.</exception>
    public static void Copy(FileStream file, ByteRange range, Stream to)
    {
        var buffer = new byte[1 << 16];
        file.Position = range.Start;
        for (var left = range.Length; left > 0;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            file.ReadExactly(part);
            to.Write(part);
            left -= part.Length;
        }
    }
}
