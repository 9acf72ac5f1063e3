using Serve.Inference.Wire;

namespace Serve.Inference.Pictures;

/// <summary>Memory of decoded pictures, kept for the next: such arrays are large, and collecting them would cost more than decoding.</summary>
/// <remarks>As many are kept as pictures are decoded at once, one a core, and none that would be most of what a server needs.</remarks>
internal static class PixelPool
{
    // Each array that makes way for one a little larger would lie about until the next collection, which may be late.
    private const int Granule = 1 << 20;

    /// <summary>The pool of the process.</summary>
    public static BytePool Shared { get; } = new(Granule, mostArrays: Environment.ProcessorCount, mostBytes: 64L << 20);
}
