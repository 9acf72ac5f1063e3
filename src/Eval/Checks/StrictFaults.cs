namespace Serve.Eval.Checks;

/// <summary>Refuses a dataset at its first error. Warnings and information pass.</summary>
/// <param name="root">The dataset's folder as the user named it; messages begin with the path of the faulty file in it.</param>
public sealed class StrictFaults(string root) : IFaultSink
{
    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">The fault is an error.</exception>
    public void Report(in Fault fault)
    {
        if (fault.Kind.Severity is Severity.Error)
            throw new InvalidInputException($"{Path.Combine(root, fault.Place.File)}: {fault.Sentence}.");
    }
}
