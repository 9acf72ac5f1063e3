using System.Runtime.InteropServices;

namespace Serve.Inference.Models;

/// <summary>
/// What ONNX Runtime tells its maker: its packages name the machine, keep events in a file of the user's, and send them, unless the variable
/// <c>ORT_DISABLE_TELEMETRY</c> is set before the runtime starts. Serve sets it. Whoever wants to send them sets it to 0.
/// </summary>
internal static partial class RuntimeReports
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>To be called before the runtime's environment is made.</summary>
    public static void Decline()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 })
            return;
        // .NET keeps variables of its own, which native libraries do not see; on Windows they are the process's.
        Environment.SetEnvironmentVariable(Variable, "1");
        if (!OperatingSystem.IsWindows())
            _ = SetVariable(Variable, "1", overwrite: 1);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
