namespace Serve.Inference.Detection;

/// <summary>A request waited longer than it may, and was not run. A server answers 504.</summary>
public sealed class RequestTimeoutException(TimeSpan timeout) : Exception($"The request timed out: it waited longer than {timeout.TotalMilliseconds:0.###} ms for its run.")
{
    /// <summary>How long it might wait.</summary>
    public TimeSpan Timeout { get; } = timeout;
}
