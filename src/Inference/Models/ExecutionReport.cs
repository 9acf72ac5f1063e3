namespace Serve.Inference.Models;

/// <summary>How a model is run, as found when it was loaded.</summary>
/// <param name="Provider">ONNX Runtime's name of what runs it.</param>
/// <param name="NodesPerProvider">Nodes of the optimised graph by who runs them. On a GPU, those of the CPU are what it could not take.</param>
/// <param name="MaxBatch">Most pictures in a run.</param>
/// <param name="FavouredBatch">Most that are worth running together now, by the measured times.</param>
/// <param name="Runners">Runs side by side.</param>
/// <param name="ThreadsAlone">Threads of a run that has the machine to itself.</param>
/// <param name="ThreadsShared">Threads of each of several runs side by side.</param>
/// <param name="MillisecondsAlone">Time of a run of one picture that has the machine to itself, measured at load.</param>
/// <param name="MillisecondsPerBatch">Time of a run by batch size: measured at load, then a moving average.</param>
public sealed record ExecutionReport(
    string Provider,
    IReadOnlyDictionary<string, int> NodesPerProvider,
    int MaxBatch,
    int FavouredBatch,
    int Runners,
    int ThreadsAlone,
    int ThreadsShared,
    double MillisecondsAlone,
    IReadOnlyDictionary<int, double> MillisecondsPerBatch);
