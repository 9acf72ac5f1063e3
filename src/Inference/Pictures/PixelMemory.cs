using Serve.Inference.Wire;

namespace Serve.Inference.Pictures;

/// <summary>Where decoders take memory for pixels from.</summary>
internal readonly struct PixelMemory
{
    private readonly BytePool? _pool;

    private PixelMemory(BytePool? pool) => _pool = pool;

    /// <summary>New arrays, exactly as long as asked for.</summary>
    public static PixelMemory New => default;

    /// <summary>Arrays of the pool of the process, at least as long as asked for.</summary>
    public static PixelMemory Rented { get; } = new(PixelPool.Shared);

    /// <summary>Memory for so many bytes.</summary>
    public byte[] Take(int bytes) => _pool?.Rent(bytes) ?? GC.AllocateUninitializedArray<byte>(bytes);

    /// <summary>Gives back what turned out not to be needed.</summary>
    public void GiveBack(byte[] array) => _pool?.Return(array);
}
