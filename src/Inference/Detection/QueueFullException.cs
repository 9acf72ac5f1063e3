namespace Serve.Inference.Detection;

/// <summary>More requests wait for a model than its limit allows. Nothing is wrong with this one: a server answers 503 with Retry-After.</summary>
public sealed class QueueFullException(int limit) : Exception($"{limit} requests are waiting for this model already.")
{
    /// <summary>The limit.</summary>
    public int Limit { get; } = limit;
}
