using Serve.Eval;

namespace Serve.Api.Problems;

/// <summary>A request cannot be answered as it is: the status, what was given, what is allowed.</summary>
internal sealed class RequestRefusedException(int status, string message) : InvalidInputException(message)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>Further members of the problem document.</summary>
    public Dictionary<string, object?> Extensions { get; } = [];

    /// <summary>Seconds after which it is worth trying again; null when it is not.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>What the metrics call it; null for what they call all of its status.</summary>
    public string? Cause { get; init; }

    /// <summary>Adds a member to the problem document.</summary>
    public RequestRefusedException With(string name, object? value)
    {
        Extensions[name] = value;
        return this;
    }
}
