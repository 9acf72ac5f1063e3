using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Serve.Inference.Models;

/// <summary>Copies between this machine's memory and a GPU's. ONNX Runtime offers C# none; the CUDA runtime that it needs itself does.</summary>
internal static partial class CudaMemory
{
    private const string Library = "cudart";
    private const int HostToDevice = 1;
    private const int DeviceToHost = 2;

    private static readonly string[] Files = OperatingSystem.IsWindows() ? ["cudart64_13.dll", "cudart64_12.dll"] : ["libcudart.so.13", "libcudart.so.12"];

    static CudaMemory() => NativeLibrary.SetDllImportResolver(typeof(CudaMemory).Assembly, Resolve);

    /// <summary>Makes a GPU the one that the thread's copies are for.</summary>
    public static void Use(int device) => Require(SetDevice(device));

    /// <summary>Copies a tensor's bytes to the GPU.</summary>
    public static unsafe void Upload(ReadOnlySpan<byte> from, OrtValue to)
    {
        fixed (byte* source = from)
            Require(Copy(AddressOf(to), source, (nuint)from.Length, HostToDevice));
    }

    /// <summary>Copies a tensor's bytes from the GPU.</summary>
    public static unsafe void Download(OrtValue from, Span<byte> to)
    {
        fixed (byte* target = to)
            Require(Copy(target, AddressOf(from), (nuint)to.Length, DeviceToHost));
    }

    /// <summary>The span's own address is taken and never read: it lies on the GPU.</summary>
    private static unsafe void* AddressOf(OrtValue value) => Unsafe.AsPointer(ref MemoryMarshal.GetReference(value.GetTensorMutableRawData()));

    private static void Require(int result)
    {
        if (result != 0)
            throw new InvalidOperationException($"CUDA could not copy a tensor (error {result}).");
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
            return 0;
        foreach (var file in Files)
        {
            if (NativeLibrary.TryLoad(file, assembly, path, out var handle))
                return handle;
        }

        throw new DllNotFoundException($"The CUDA runtime was not found; looked for {string.Join(", ", Files)}.");
    }

    [LibraryImport(Library, EntryPoint = "cudaSetDevice")]
    private static partial int SetDevice(int device);

    [LibraryImport(Library, EntryPoint = "cudaMemcpy")]
    private static unsafe partial int Copy(void* to, void* from, nuint bytes, int kind);
}
