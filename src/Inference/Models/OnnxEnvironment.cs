using Microsoft.ML.OnnxRuntime;

namespace Serve.Inference.Models;

/// <summary>ONNX Runtime's state of the whole process.</summary>
internal static class OnnxEnvironment
{
    private static readonly Lock Gate = new();

    /// <summary>Creates the environment without a log on stderr: what goes wrong comes as an exception.</summary>
    public static void EnsureReady()
    {
        lock (Gate)
        {
            if (OrtEnv.IsCreated)
                return;
            var options = new EnvironmentCreationOptions { logId = "serve", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            OrtEnv.CreateInstanceWithOptions(ref options);
        }
    }

    /// <summary>Settings of a session whose runs use all cores.</summary>
    /// <remarks>
    /// A pool of its own, not the global one. Its threads are pinned, a core each, so that one that wakes does not come to lie on the core of the thread that
    /// woke it; they spin between the operators of a run, and stop when it ends. The global pool can only spin on for more than 20 ms after each run, or not
    /// at all. Seen with yolox-nano on two cores, after a pause of 30 ms and 2 ms of other work: 5.1-6.3 ms a run so, 12 ms not pinned, 8.8 ms not
    /// spinning, which is what one core takes.
    /// </remarks>
    public static SessionOptions AllCores(bool fixedShapes)
    {
        var settings = Settings(threads: 0, fixedShapes);
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

    /// <summary>The cause in a native message, without the code in front and the file's path.</summary>
    public static string Cause(OnnxRuntimeException exception)
    {
        var message = exception.Message;
        var failed = message.IndexOf("failed:", StringComparison.Ordinal);
        var text = failed >= 0 ? message[(failed + "failed:".Length)..] : message[(message.IndexOf("] ", StringComparison.Ordinal) + 1)..];
        var line = text.Split('\n')[0].Trim();
        return line.Length > 300 ? line[..300] : line;
    }

    /// <summary>Memory patterns plan one block for all tensors of a run; where shapes change from run to run there is nothing to plan.</summary>
    private static SessionOptions Settings(int threads, bool fixedShapes) => new()
    {
        IntraOpNumThreads = threads,
        InterOpNumThreads = 1,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        EnableMemoryPattern = fixedShapes,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };
}
