using System.Runtime.InteropServices;

namespace Serve.Api.Hosting;

/// <summary>
/// How glibc's malloc keeps memory: that of ONNX Runtime, of the picture libraries and of tensors. Other C libraries are left as they are, and so is what
/// <c>MALLOC_ARENA_MAX</c> and <c>MALLOC_MMAP_THRESHOLD_</c> set.
/// </summary>
internal static partial class NativeHeap
{
    private const int MmapThreshold = -3;
    private const int ArenaMax = -8;

    /// <summary>To be called before native memory is asked for.</summary>
    public static void Configure()
    {
        if (!OperatingSystem.IsLinux())
            return;
        // A few threads ask for it; an arena for each of them would only hold on to more.
        Set(ArenaMax, 2, "MALLOC_ARENA_MAX");
        // Tensors get pages of their own and leave no holes among what is small. Left to itself malloc stops doing so for any size that was freed once.
        Set(MmapThreshold, 1 << 20, "MALLOC_MMAP_THRESHOLD_");
    }

    private static void Set(int parameter, int value, string variable)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 })
            return;
        try
        {
            _ = MallOpt(parameter, value);
        }
        catch (EntryPointNotFoundException)
        {
            // Not glibc.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);
}
