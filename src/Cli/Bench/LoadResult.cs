namespace Serve.Cli.Bench;

/// <summary>The figures of one run.</summary>
/// <param name="Load">Which load: <c>8 clients</c>, <c>120 requests/s</c>.</param>
/// <param name="Seconds">How long it ran, warm-up left out.</param>
/// <param name="Requests">Requests answered 200.</param>
/// <param name="ImagesPerSecond">Pictures answered a second.</param>
/// <param name="Latency">Milliseconds from the sending of a request, in an open loop from the time it was to be sent, to the last byte of its answer; of answers 200 only.</param>
/// <param name="Errors">Other answers and broken connections, counted by kind.</param>
/// <param name="Stages">Mean milliseconds a request by stage, where the server tells them.</param>
/// <param name="MeanLateness">Milliseconds that the load itself sent later than planned, in an open loop; part of the latency.</param>
/// <param name="Use">What server and load used of the machine.</param>
internal sealed record LoadResult(
    string Load, double Seconds, int Requests, double ImagesPerSecond, Latencies? Latency, IReadOnlyDictionary<string, int> Errors, StageMeans? Stages,
    double? MeanLateness, ProcessUse Use);

/// <summary>What the processes used during a run.</summary>
/// <param name="ClientCores">Cores that the load kept busy.</param>
/// <param name="ServerCores">Cores that the server kept busy; null when its process is not known.</param>
/// <param name="MemoryAtStart">Resident bytes of the server when the run began.</param>
/// <param name="MemoryAtEnd">And when it ended.</param>
/// <param name="PeakMemory">Most resident bytes seen, looked at twice a second.</param>
/// <param name="AllocatedBytesPerImage">Managed bytes that the server allocated for each picture; null when it does not tell.</param>
internal sealed record ProcessUse(
    double ClientCores, double? ServerCores, long? MemoryAtStart, long? MemoryAtEnd, long? PeakMemory, double? AllocatedBytesPerImage);
