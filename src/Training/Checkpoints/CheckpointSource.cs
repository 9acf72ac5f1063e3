using Serve.Eval;
using Serve.Training.Runs;
using static TorchSharp.torch;

namespace Serve.Training.Checkpoints;

/// <summary>Type and shape of a tensor in a checkpoint.</summary>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Shape.</param>
public sealed record StoredTensor(ScalarType Type, IReadOnlyList<long> Shape);

/// <summary>Named tensors of a checkpoint file, whoever wrote it: <c>.safetensors</c>, or the zip file that PyTorch's <c>torch.save</c> writes.</summary>
public abstract class CheckpointSource : IDisposable
{
    // Local file header of a zip file; the first bytes of a pickle of protocol 2 and up; a tar file has no number at its start.
    private static readonly byte[] ZipStart = [(byte)'P', (byte)'K', 3, 4];
    private const byte PickleStart = 0x80;

    /// <summary>The tensors by name.</summary>
    public abstract IReadOnlyDictionary<string, StoredTensor> Entries { get; }

    /// <summary>Opens a file; what it is, is told by its content and not by its name.</summary>
    /// <exception cref="InvalidInputException">There is none, it is damaged, or it holds other things than tensors; the message says what and where.</exception>
    public static CheckpointSource Open(string path)
    {
        if (!File.Exists(path))
            throw new InvalidInputException($"{path}: there is no such file.");

        Span<byte> start = stackalloc byte[4];
        using (var stream = File.OpenRead(path))
            start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (start.SequenceEqual(ZipStart))
            return TorchZip.Open(path);
        if (start.Length > 0 && start[0] == PickleStart)
        {
            throw new InvalidInputException(
                $"{path}: a bare pickle: PyTorch's layout of before version 1.6, or one of Detectron's .pkl files. It is not read; load it where it was made and save its tensors with torch.save, or as .safetensors.");
        }

        return new SafeTensorsSource(SafeTensorsFile.Open(path));
    }

    /// <summary>Reads one tensor.</summary>
    /// <returns>A CPU tensor that the caller owns.</returns>
    /// <exception cref="KeyNotFoundException">There is no tensor of that name.</exception>
    public abstract Tensor Read(string name);

    /// <inheritdoc/>
    public abstract void Dispose();

    private sealed class SafeTensorsSource(SafeTensorsFile file) : CheckpointSource
    {
        public override IReadOnlyDictionary<string, StoredTensor> Entries { get; }
            = file.Entries.ToDictionary(entry => entry.Key, entry => new StoredTensor(entry.Value.Type, entry.Value.Shape));

        public override Tensor Read(string name) => file.Read(name);

        public override void Dispose()
        {
        }
    }
}
