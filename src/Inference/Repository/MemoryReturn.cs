using System.Runtime.InteropServices;
using Serve.Inference.Models;

namespace Serve.Inference.Repository;

/// <summary>Gives memory that nothing uses back to the system.</summary>
internal static partial class MemoryReturn
{
    /// <summary>After a model was warmed up or closed: asks ONNX Runtime for it, and then the C library.</summary>
    public static void Trim()
    {
        RunArena.Shrink();
        TrimHeap();
    }

    /// <summary>Asks the C library: glibc keeps freed pages in its arenas otherwise; other libraries give them back by themselves.</summary>
    public static void TrimHeap()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Not glibc.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);
}
