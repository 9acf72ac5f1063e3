namespace Serve.Inference.Onnx;

/// <summary>Files that people take for ONNX models, told by their first bytes.</summary>
internal static class OtherFormat
{
    private const string Pickle = "a pickle, as older PyTorch checkpoints are (export it to ONNX first)";

    private static readonly (byte[] Start, int At, string What)[] Known =
    [
        ("version https://git-lfs"u8.ToArray(), 0, "a Git LFS pointer (the model itself has to be fetched: git lfs pull)"),
        ("PK\u0003\u0004"u8.ToArray(), 0, "a ZIP archive, as PyTorch checkpoints are (export it to ONNX first)"),
        ([0x80, 2], 0, Pickle), ([0x80, 3], 0, Pickle), ([0x80, 4], 0, Pickle), ([0x80, 5], 0, Pickle),
        ([0x89, (byte)'H', (byte)'D', (byte)'F'], 0, "an HDF5 file (export it to ONNX first)"),
        ([0x1F, 0x8B], 0, "a gzip archive (unpack it first)"),
        ("ORTM"u8.ToArray(), 4, "a model in ONNX Runtime's own format"),
        ("TFL3"u8.ToArray(), 4, "a TensorFlow Lite model"),
        ("<!DOCTYPE"u8.ToArray(), 0, "a web page"),
        ("<html"u8.ToArray(), 0, "a web page"),
        ("<?xml"u8.ToArray(), 0, "an XML file"),
    ];

    /// <summary>What a file is, or null when it may be an ONNX model.</summary>
    public static string? Of(Stream stream)
    {
        Span<byte> start = stackalloc byte[32];
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        foreach (var (signature, at, what) in Known)
        {
            if (start.Length >= at && start[at..].StartsWith(signature))
                return what;
        }

        return null;
    }
}
