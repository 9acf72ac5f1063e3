namespace Serve.Eval;

/// <summary>A protocol makes no summary of the parameters in force; the message says why. Curves and numbers per category there are all the same.</summary>
internal sealed class NoSummaryException(string message) : Exception(message);
