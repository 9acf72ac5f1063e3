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

    /// <summary>The cause in a native message, without the code in front and the file's path.</summary>
    public static string Cause(OnnxRuntimeException exception)
    {
        var message = exception.Message;
        var failed = message.IndexOf("failed:", StringComparison.Ordinal);
        var text = failed >= 0 ? message[(failed + "failed:".Length)..] : message[(message.IndexOf("] ", StringComparison.Ordinal) + 1)..];
        var line = text.Split('\n')[0].Trim();
        return line.Length > 300 ? line[..300] : line;
    }
}
