using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using static TorchSharp.torch;

namespace Serve.Training.Checkpoints;

/// <summary>Writes files as PyTorch's <c>torch.save</c> does, instruction by instruction, so that tests need no Python.</summary>
internal sealed class TorchFile
{
    private readonly List<byte> pickle = [];
    private readonly List<byte[]> storages = [];
    private byte memo;

    /// <summary>Byte order that the file claims.</summary>
    public string ByteOrder { get; init; } = "little";

    /// <summary>Writes a state dictionary.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors) => new TorchFile().Begin().State(tensors).Save(path);

    /// <summary>Begins a pickle of protocol 2.</summary>
    public TorchFile Begin() => Bytes(0x80, 2);

    /// <summary>Adds instructions.</summary>
    public TorchFile Bytes(params ReadOnlySpan<byte> bytes)
    {
        pickle.AddRange(bytes);
        return this;
    }

    /// <summary>Adds a text: BINUNICODE, and remembers it as Python does.</summary>
    public TorchFile Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Bytes((byte)'X').Number(bytes.Length).Bytes(bytes);
        return Bytes((byte)'q', memo++);
    }

    /// <summary>Adds a name: GLOBAL.</summary>
    public TorchFile Name(string module, string name) => Bytes((byte)'c').Bytes(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));

    /// <summary>Adds a whole number: BININT.</summary>
    public TorchFile Whole(long value) => Bytes((byte)'J').Number(value);

    /// <summary>Adds an ordered dictionary of tensors, with the attribute <c>_metadata</c> that modules give theirs.</summary>
    public TorchFile State(IReadOnlyDictionary<string, Tensor> tensors)
    {
        Name("collections", "OrderedDict").Bytes((byte)')', (byte)'R', (byte)'(');
        foreach (var (name, value) in tensors)
            Text(name).View(value, 0, value.shape, [.. Enumerable.Range(0, (int)value.dim()).Select(i => value.shape[(i + 1)..].Aggregate(1L, (product, size) => product * size))]);
        Bytes((byte)'u');
        return Bytes((byte)'}').Text("_metadata").Name("collections", "OrderedDict").Bytes((byte)')', (byte)'R', (byte)'s', (byte)'b');
    }

    /// <summary>Adds a tensor that is a view of all the elements of another.</summary>
    public TorchFile View(Tensor storage, long offset, long[] shape, long[] strides, long? claimed = null)
    {
        var type = storage.dtype switch
        {
            ScalarType.Float32 => "FloatStorage",
            ScalarType.Float64 => "DoubleStorage",
            ScalarType.Float16 => "HalfStorage",
            ScalarType.Int64 => "LongStorage",
            _ => "BFloat16Storage",
        };
        Name("torch._utils", "_rebuild_tensor_v2").Bytes((byte)'(', (byte)'(').Text("storage").Name("torch", type).Text($"{storages.Count}").Text("cpu");
        Whole(claimed ?? storage.numel()).Bytes((byte)'t', (byte)'Q').Whole(offset).Sizes(shape).Sizes(strides);
        Bytes(0x89).Name("collections", "OrderedDict").Bytes((byte)')', (byte)'R', (byte)'t', (byte)'R');
        storages.Add(storage.contiguous().bytes.ToArray());
        return this;
    }

    /// <summary>Ends the pickle and writes the file.</summary>
    public void Save(string path)
    {
        Bytes((byte)'.');
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        Add("archive/data.pkl", [.. pickle]);
        Add("archive/byteorder", Encoding.ASCII.GetBytes(ByteOrder));
        for (var i = 0; i < storages.Count; i++)
            Add($"archive/data/{i}", storages[i]);
        Add("archive/version", "3\n"u8.ToArray());

        void Add(string name, byte[] content)
        {
            using var stream = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
            stream.Write(content);
        }
    }

    private TorchFile Sizes(long[] sizes)
    {
        Bytes((byte)'(');
        foreach (var size in sizes)
            Whole(size);
        return Bytes((byte)'t');
    }

    private TorchFile Number(long value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)value);
        return Bytes(bytes);
    }
}
