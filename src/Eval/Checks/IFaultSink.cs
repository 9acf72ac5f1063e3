namespace Serve.Eval.Checks;

/// <summary>Is told the faults that a reader or a check meets. A reader goes on behind a faulty record, unless the sink throws.</summary>
public interface IFaultSink
{
    /// <summary>Takes a fault.</summary>
    void Report(in Fault fault);
}
