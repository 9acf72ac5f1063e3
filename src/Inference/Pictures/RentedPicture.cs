namespace Serve.Inference.Pictures;

/// <summary>
/// A picture in memory that is used again for others. Dispose it as soon as the picture has been read, once, on any thread; the picture must not be touched
/// afterwards.
/// </summary>
public sealed class RentedPicture : IDisposable
{
    private Picture? _picture;

    internal RentedPicture(Picture picture) => _picture = picture;

    /// <summary>The picture.</summary>
    /// <exception cref="ObjectDisposedException">Its memory has been given back.</exception>
    public Picture Picture => _picture ?? throw new ObjectDisposedException(nameof(RentedPicture));

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _picture, null) is { } picture)
            PixelPool.Shared.Return(picture.Pixels);
    }
}
