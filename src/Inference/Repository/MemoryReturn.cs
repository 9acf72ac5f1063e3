using System.Runtime.InteropServices;

namespace Serve.Inference.Repository;

/// <summary>Gives memory that nothing uses back to the system, after a model was closed.</summary>
internal static partial class MemoryReturn
{
    /// <summary>Asks the C library for it. glibc keeps freed pages in its arenas otherwise; other libraries give them back by themselves.</summary>
    public static void Trim()
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
