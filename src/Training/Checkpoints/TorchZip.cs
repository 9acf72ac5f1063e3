using System.IO.Compression;
using System.Text;
using Serve.Eval;
using static TorchSharp.torch;

namespace Serve.Training.Checkpoints;

/// <summary>
/// What PyTorch's <c>torch.save</c> writes since version 1.6: a zip file with <c>data.pkl</c>, the pickled dictionary, whose tensors refer to <c>data/0</c>, <c>data/1</c>, ...,
/// the bytes of their storages. The pickle is read by <see cref="TorchPickle"/>, which runs nothing.
/// </summary>
internal sealed class TorchZip : CheckpointSource
{
    private const string PickleName = "data.pkl";
    private const long MaxPickleBytes = 256L << 20;

    // Where training scripts put the network's tensors beside other things.
    private static readonly string[] Wrappers = ["state_dict", "model_state_dict", "model"];

    private readonly string path;
    private readonly ZipArchive archive;
    private readonly string folder;
    private readonly Dictionary<string, PickledTensor> tensors;

    private TorchZip(string path, ZipArchive archive, string folder, Dictionary<string, PickledTensor> tensors)
    {
        (this.path, this.archive, this.folder, this.tensors) = (path, archive, folder, tensors);
        Entries = tensors.ToDictionary(entry => entry.Key, entry => new StoredTensor(entry.Value.Type, entry.Value.Shape));
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, StoredTensor> Entries { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="InvalidInputException">Damaged, or it holds other things than tensors; the message says what.</exception>
    public static new TorchZip Open(string path)
    {
        ZipArchive? archive = null;
        try
        {
            archive = ZipFile.OpenRead(path);
            var pickle = archive.Entries.FirstOrDefault(entry => entry.FullName == PickleName || entry.FullName.EndsWith($"/{PickleName}", StringComparison.Ordinal))
                ?? throw new FormatException($"a zip file without {PickleName}");
            var folder = pickle.FullName[..^PickleName.Length];
            if (archive.GetEntry($"{folder}byteorder") is { } order && Encoding.ASCII.GetString(Bytes(order, 16)) is not "little" and var name)
                throw new FormatException($"its numbers are in the byte order \"{name}\"; only little is read");
            var root = new TorchPickle(Bytes(pickle, MaxPickleBytes)).Read();
            return new(path, archive, folder, TensorsOf(root));
        }
        catch (Exception fault) when (fault is FormatException or InvalidDataException or EndOfStreamException)
        {
            archive?.Dispose();
            throw new InvalidInputException($"{path}: not a state dictionary of PyTorch that can be read: {fault.Message}.", fault);
        }
    }

    /// <inheritdoc/>
    public override Tensor Read(string name)
    {
        var tensor = tensors[name];
        var size = TorchPickle.SizeOf(tensor.Type);
        var count = tensor.Shape.Aggregate(1L, (product, length) => checked(product * length));
        var result = empty([.. tensor.Shape], tensor.Type);
        if (count == 0)
            return result;

        // From the first element to the last, whatever the order in between.
        var span = 1 + tensor.Shape.Zip(tensor.Strides, (length, stride) => (length - 1) * stride).Sum();
        using var scope = NewDisposeScope();
        var stored = empty([span], tensor.Type);
        var entry = archive.GetEntry($"{folder}data/{tensor.Storage}");
        if (entry is null || entry.Length < (tensor.Offset + span) * size || span > count)
        {
            throw new InvalidInputException(
                $"{path}: {name}: its elements {tensor.Offset} to {tensor.Offset + span - 1} do not lie in the {(entry?.Length ?? 0) / size} of storage {tensor.Storage}, or with gaps.");
        }

        using (var stream = entry.Open())
        {
            Skip(stream, tensor.Offset * size);
            stream.ReadExactly(stored.bytes);
        }

        result.copy_(stored.as_strided([.. tensor.Shape], [.. tensor.Strides]));
        return result;
    }

    /// <inheritdoc/>
    public override void Dispose() => archive.Dispose();

    private static Dictionary<string, PickledTensor> TensorsOf(object? root)
    {
        var dictionary = root as Dictionary<object, object?> ?? throw new FormatException($"it holds {TorchPickle.Describe(root)} where a dictionary of tensors is expected");
        var inner = Wrappers.Select(name => dictionary.GetValueOrDefault(name)).OfType<Dictionary<object, object?>>().FirstOrDefault();
        var tensors = (inner ?? dictionary).Where(entry => entry is { Key: string, Value: PickledTensor }).ToDictionary(entry => (string)entry.Key, entry => (PickledTensor)entry.Value!);
        return tensors.Count > 0
            ? tensors
            : throw new FormatException($"its dictionary holds no tensors, but {string.Join(", ", dictionary.Keys.Take(8).Select(TorchPickle.Describe))}");
    }

    private static byte[] Bytes(ZipArchiveEntry entry, long most)
    {
        if (entry.Length > most)
            throw new FormatException($"{entry.FullName} has {entry.Length} bytes; allowed are {most}");
        using var stream = entry.Open();
        var bytes = new byte[entry.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static void Skip(Stream stream, long bytes)
    {
        var buffer = new byte[Math.Min(bytes, 1 << 20)];
        while (bytes > 0)
        {
            var step = (int)Math.Min(bytes, buffer.Length);
            stream.ReadExactly(buffer.AsSpan(0, step));
            bytes -= step;
        }
    }
}
