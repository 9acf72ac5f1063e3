using Microsoft.ML.OnnxRuntime;
using Serve.Inference.Detection;

namespace Serve.Inference.Models;

/// <summary>ONNX Runtime's state of the whole process.</summary>
internal static class OnnxEnvironment
{
    private static readonly Lock Gate = new();

    /// <summary>Creates the environment without a log on stderr, as what goes wrong comes as an exception, and without reports to the runtime's maker.</summary>
    public static void EnsureReady()
    {
        lock (Gate)
        {
            if (OrtEnv.IsCreated)
                return;
            RuntimeReports.Decline();
            var options = new EnvironmentCreationOptions { logId = "serve", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            RunArena.Create(OrtEnv.CreateInstanceWithOptions(ref options));
        }
    }

    /// <summary>Settings of a session whose runs use all cores.</summary>
    /// <remarks>
    /// A pool of its own, not the global one. Its threads are pinned, a core each (<see cref="RunCores.Cores"/>), so that one that wakes does not come to lie on the
    /// core of the thread that woke it; they spin between the operators of a run, and stop when it ends. The global pool can only spin on long after each run, which
    /// takes the cores from whoever decodes the next picture, or not at all, and then a lone run takes as long as on one core. <c>bench/serve-speed.sh</c> measures both
    /// loads.
    /// </remarks>
    public static SessionOptions AllCores(bool fixedShapes)
    {
        // Left to itself the runtime counts the machine's cores, also where a container has fewer.
        var cores = RunCores.Cores;
        var settings = Settings(threads: cores.Count > 0 ? cores.Count : Environment.ProcessorCount, fixedShapes);
        if (cores.Count > 1)
            settings.AddSessionConfigEntry("session.intra_op_thread_affinities", string.Join(';', cores.Skip(1).Select(core => core + 1)));
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "1");
        settings.AddSessionConfigEntry("session.force_spinning_stop", "1");
        return settings;
    }

    /// <summary>Settings of a session whose runs use so many threads; with one thread there is no pool, and runs side by side do not disturb each other.</summary>
    public static SessionOptions SomeCores(int threads, bool fixedShapes)
    {
        var settings = Settings(threads, fixedShapes);
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return settings;
    }

    /// <summary>The cause that a failure of the runtime has, in words.</summary>
    public static string Cause(OnnxRuntimeException exception) => RuntimeMessage.Cause(exception.Message);

    /// <summary>Memory patterns plan one block for all tensors of a run; where shapes change from run to run there is nothing to plan.</summary>
    private static SessionOptions Settings(int threads, bool fixedShapes)
    {
        var settings = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            EnableMemoryPattern = fixedShapes,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        RunArena.Share(settings);
        return settings;
    }
}
