using System.Security.Cryptography;
using System.Text;

namespace Serve.Eval.Formats;

/// <summary>A hash over several files: the SHA-256 of their names and contents, one after another.</summary>
internal sealed class FilesHash : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Adds a file.</summary>
    public void Add(string name, ReadOnlySpan<byte> content)
    {
        // Lengths keep a name from running into its content.
        Span<byte> length = stackalloc byte[sizeof(long)];
        var text = Encoding.UTF8.GetBytes(name);
        BitConverter.TryWriteBytes(length, (long)text.Length);
        hash.AppendData(length);
        hash.AppendData(text);
        BitConverter.TryWriteBytes(length, (long)content.Length);
        hash.AppendData(length);
        hash.AppendData(content);
    }

    /// <summary>The hash so far, lower-case hexadecimal.</summary>
    public string Text => Convert.ToHexStringLower(hash.GetCurrentHash());

    /// <inheritdoc/>
    public void Dispose() => hash.Dispose();
}
