using System.Security.Cryptography;
using Serve.Inference.Onnx;

namespace Serve.Inference.Models;

/// <summary>The files of a model.</summary>
/// <param name="ContentHash">Lower-case hexadecimal SHA-256 of the ONNX file.</param>
/// <param name="Bytes">Size of the ONNX file and of those that hold its tensors.</param>
internal sealed record LoadedFiles(string ContentHash, long Bytes)
{
    public static LoadedFiles Of(string graphPath, GraphDescription graph)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(graphPath))!;
        using var stream = File.OpenRead(graphPath);
        var bytes = stream.Length + graph.ExternalFiles.Sum(file => new FileInfo(Path.Combine(folder, file)).Length);
        return new LoadedFiles(Convert.ToHexStringLower(SHA256.HashData(stream)), bytes);
    }
}
