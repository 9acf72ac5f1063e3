using Serve.Eval;

namespace Serve.Inference.Repository;

/// <summary>There is no such model or version. A server answers 404.</summary>
public sealed class UnknownModelException(string message, IReadOnlyList<string> names) : InvalidInputException(message)
{
    /// <summary>Names of the models there are.</summary>
    public IReadOnlyList<string> Names { get; } = names;
}

/// <summary>The model is there but cannot answer now: it failed to load, was unloaded, or does not fit into memory. A server answers 503.</summary>
public sealed class ModelUnavailableException : InvalidInputException
{
    /// <summary>Creates the exception.</summary>
    public ModelUnavailableException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception with the fault behind it.</summary>
    public ModelUnavailableException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>What was asked for collides with what is there: a pinned model, or a condition that does not hold. A server answers 409 or 412.</summary>
public sealed class ModelConflictException(string message, bool isCondition = false) : InvalidInputException(message)
{
    /// <summary>True when the caller's own condition on the version does not hold.</summary>
    public bool IsCondition { get; } = isCondition;
}
