namespace Serve.Eval.Checks;

/// <summary>How much a finding matters.</summary>
public enum Severity
{
    /// <summary>Worth knowing; nothing is wrong.</summary>
    Information,

    /// <summary>The dataset can be used, but numbers made with it may surprise.</summary>
    Warning,

    /// <summary>The dataset contradicts itself or cannot be used as it is.</summary>
    Error,
}
