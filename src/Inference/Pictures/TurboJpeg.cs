using System.Runtime.InteropServices;

namespace Serve.Inference.Pictures;

/// <summary>
/// The native library libturbojpeg, where the system has it (interface 2, which later versions keep). It decodes in two thirds of the time of libvips
/// (bench/results/pictures.md), to the same pixels: the accurate inverse transform and smooth chroma.
/// </summary>
internal sealed unsafe class TurboJpeg : IDisposable
{
    private const int Rgb = 0;
    private const int StopOnWarning = 8192;
    private const int LimitScans = 32768;

    private static readonly string[] Names = ["libturbojpeg.so.0", "libturbojpeg.0.dylib", "turbojpeg.dll"];

    private static readonly delegate* unmanaged[Cdecl]<nint> Create;
    private static readonly delegate* unmanaged[Cdecl]<nint, int> Destroy;
    private static readonly delegate* unmanaged[Cdecl]<nint, byte*, CULong, byte*, int, int, int, int, int, int> DecompressTo;

    [ThreadStatic]
    private static TurboJpeg? t_ofThread;

    private readonly nint _handle;

    static TurboJpeg()
    {
        foreach (var name in Names)
        {
            if (!NativeLibrary.TryLoad(name, out var library))
                continue;
            if (NativeLibrary.TryGetExport(library, "tjInitDecompress", out var create)
                && NativeLibrary.TryGetExport(library, "tjDestroy", out var destroy)
                && NativeLibrary.TryGetExport(library, "tjDecompress2", out var decompress))
            {
                Create = (delegate* unmanaged[Cdecl]<nint>)create;
                Destroy = (delegate* unmanaged[Cdecl]<nint, int>)destroy;
                DecompressTo = (delegate* unmanaged[Cdecl]<nint, byte*, CULong, byte*, int, int, int, int, int, int>)decompress;
                IsAvailable = true;
                return;
            }
        }
    }

    private TurboJpeg(nint handle) => _handle = handle;

    /// <summary>Frees the decoder of a thread that ended.</summary>
    ~TurboJpeg() => Dispose();

    /// <summary>True when the library is there.</summary>
    public static bool IsAvailable { get; }

    /// <summary>The calling thread's decoder; its tables and buffers are used again. Null when there is none.</summary>
    public static TurboJpeg? OfThread
    {
        get
        {
            if (t_ofThread is null && IsAvailable && Create() is not 0 and var handle)
                t_ofThread = new TurboJpeg(handle);
            return t_ofThread;
        }
    }

    /// <summary>Decodes a picture.</summary>
    /// <param name="encoded">A JPEG file.</param>
    /// <param name="width">Width to decode to: the picture's, or that / 2, 4 or 8 rounded up.</param>
    /// <param name="height">Height to decode to, likewise.</param>
    /// <param name="target">[height, width, 3] RGB, filled completely on success.</param>
    /// <returns>False when anything is wrong with the picture, be it worth a warning only.</returns>
    public bool TryDecode(ReadOnlySpan<byte> encoded, int width, int height, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, checked(width * height * Picture.Channels));
        fixed (byte* from = encoded)
        fixed (byte* to = target)
            return DecompressTo(_handle, from, new CULong((nuint)encoded.Length), to, width, width * Picture.Channels, height, Rgb, StopOnWarning | LimitScans) == 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Destroy(_handle);
        GC.SuppressFinalize(this);
    }
}
