using Microsoft.ML.OnnxRuntime;

namespace Serve.Inference.Models;

/// <summary>
/// The memory in which runs on the CPU keep what is between their first operator and their last. All sessions share it: of the two sessions of a model, and of all models,
/// no more than a run a core goes on at a time, where each session by itself would keep as much as its runs ever needed side by side.
/// </summary>
internal static class RunArena
{
    private const int GrowByWhatIsAskedFor = 1;

    // An ONNX graph of one operator, y = Identity(x) of one number: the runtime gives memory back at the end of a run and not otherwise.
    private static readonly byte[] Copy = Convert.FromHexString(
        "08083A370A100A017812017922084964656E746974791201675A0F0A0178120A0A08080112040A020801620F0A0179120A0A08080112040A0208014202100D");

    private static bool s_isThere;

    /// <summary>Makes it, for sessions that are opened from now on.</summary>
    public static void Create(OrtEnv environment)
    {
        // The blocks of one model then do not come to lie in between those of another, and can be given back when it is closed.
        using var settings = new OrtArenaCfg(maxMemory: 0, GrowByWhatIsAskedFor, initialChunkSizeBytes: -1, maxDeadBytesPerChunk: -1);
        using var memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
        environment.CreateAndRegisterAllocator(memory, settings);
        s_isThere = true;
    }

    /// <summary>Lets a session use it.</summary>
    public static void Share(SessionOptions settings) => settings.AddSessionConfigEntry("session.use_env_allocators", "1");

    /// <summary>Gives back what no run needs at the moment. Runs may go on beside it.</summary>
    public static void Shrink()
    {
        if (!s_isThere)
            return;
        using var settings = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        Share(settings);
        using var session = new InferenceSession(Copy, settings);
        using var options = new RunOptions();
        options.AddRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
        using var number = OrtValue.CreateTensorValueFromMemory([0f], [1]);
        session.Run(options, ["x"], [number], ["y"]).Dispose();
    }
}
