using Serve.Api.Problems;
using Serve.Api.Wire;

namespace Serve.Api.Detection;

/// <summary>One picture of a request, still encoded.</summary>
/// <param name="FileName">The name the client gave it, or null.</param>
/// <param name="Encoded">The file's bytes.</param>
/// <param name="Fault">Why it could not be had, where the answer tells that picture by picture; null when it is there.</param>
internal readonly record struct UploadedPicture(string? FileName, ReadOnlyMemory<byte> Encoded, RequestRefusedException? Fault = null);

/// <summary>The pictures of a request, with the memory they lie in. Disposing gives the memory back.</summary>
internal sealed class UploadedPictures : IDisposable
{
    private readonly List<UploadedPicture> _pictures = [];
    private readonly List<PooledBytes> _memory = [];

    /// <summary>Number of pictures.</summary>
    public int Count => _pictures.Count;

    /// <summary>A picture, in the request's order.</summary>
    public UploadedPicture this[int index]
    {
        get => _pictures[index];
        set => _pictures[index] = value;
    }

    /// <summary>Adds a picture that is all of some memory.</summary>
    public void Add(string? fileName, PooledBytes memory)
    {
        Own(memory);
        Add(new UploadedPicture(fileName, memory.Memory));
    }

    /// <summary>Adds a picture.</summary>
    public void Add(UploadedPicture picture) => _pictures.Add(picture);

    /// <summary>Gives memory back together with the pictures.</summary>
    public void Own(PooledBytes memory) => _memory.Add(memory);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var memory in _memory)
            memory.Dispose();
        _memory.Clear();
    }
}
