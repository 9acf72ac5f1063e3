namespace Serve.Inference.Detection;

/// <summary>
/// Says that a request is on its way to a model's queue, for example while its picture is decoded, so that a run that begins meanwhile leaves it a core. Ends when the
/// request is queued, or when it is disposed.
/// </summary>
public sealed class Announcement : IDisposable
{
    private RequestQueue? _queue;

    internal Announcement(RequestQueue queue)
    {
        _queue = queue;
        queue.Announce(1);
    }

    /// <summary>The request is not on its way any more.</summary>
    public void Dispose() => Interlocked.Exchange(ref _queue, null)?.Announce(-1);
}
