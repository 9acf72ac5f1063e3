using Serve.Eval.Checks;

namespace Serve.Eval.Formats;

/// <summary>Keeps faults, to tell them later.</summary>
internal sealed class FaultList : IFaultSink
{
    private readonly List<Fault> faults = [];

    /// <inheritdoc/>
    public void Report(in Fault fault) => faults.Add(fault);

    /// <summary>Tells the faults of some files.</summary>
    public void ReportTo(IFaultSink sink, Func<string, bool> wanted)
    {
        foreach (var fault in faults.Where(fault => wanted(fault.Place.File)))
            sink.Report(fault);
    }
}
