using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serve.Eval;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

/// <summary>A tensor's place in a file.</summary>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Shape.</param>
/// <param name="Start">First byte, counted from the end of the header.</param>
/// <param name="End">Byte after the last.</param>
public sealed record TensorEntry(ScalarType Type, long[] Shape, long Start, long End);

/// <summary>
/// Named tensors and text in one file, in the safetensors layout that other tools read: 8 bytes little-endian length of the header, the header
/// (JSON: name to type, shape and offsets; <c>__metadata__</c> to text), then the elements, row-major, little-endian, without gaps.
/// </summary>
public sealed class SafeTensorsFile
{
    private const string MetadataName = "__metadata__";
    private const int MaxHeaderBytes = 100_000_000;

    private static readonly (string Name, ScalarType Type, int Bytes)[] Types =
    [
        ("F64", ScalarType.Float64, 8), ("F32", ScalarType.Float32, 4), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    private readonly string _path;
    private readonly long _dataStart;

    private SafeTensorsFile(string path, long dataStart, IReadOnlyDictionary<string, TensorEntry> entries, IReadOnlyDictionary<string, string> metadata)
        => (_path, _dataStart, Entries, Metadata) = (path, dataStart, entries, metadata);

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Entries { get; }

    /// <summary>The text by name.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Writes a file, complete or not at all: under a temporary name, flushed to the disk, then renamed.</summary>
    /// <param name="path">The file; an old one is replaced.</param>
    /// <param name="tensors">Tensors on any device.</param>
    /// <param name="metadata">Text.</param>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var header = new JsonObject { [MetadataName] = new JsonObject(metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))) };
        var offset = 0L;
        foreach (var (name, tensor) in tensors)
        {
            var (typeName, _, bytes) = Types.FirstOrDefault(t => t.Type == tensor.dtype);
            if (bytes == 0)
                throw new ArgumentException($"tensors: {name} has type {tensor.dtype}, which the file format does not know.", nameof(tensors));
            header[name] = new JsonObject
            {
                ["dtype"] = typeName,
                ["shape"] = new JsonArray([.. tensor.shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray((JsonNode)offset, (JsonNode)(offset += tensor.numel() * bytes)),
            };
        }

        var text = JsonSerializer.SerializeToUtf8Bytes(header);
        var padding = (8 - text.Length % 8) % 8;    // the elements start at a multiple of 8; spaces after JSON are allowed
        var temporary = path + ".partial";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 20))
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, text.Length + padding);
            stream.Write(length);
            stream.Write(text);
            stream.Write("        "u8[..padding]);
            foreach (var tensor in tensors.Values)
            {
                using var scope = NewDisposeScope();
                stream.Write(tensor.detach().cpu().contiguous().bytes);
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Reads the header of a file and checks it against the file's length.</summary>
    /// <exception cref="InvalidInputException">Missing or damaged; the message names the file and the fault.</exception>
    public static SafeTensorsFile Open(string path)
    {
        if (!File.Exists(path))
            throw new InvalidInputException($"{path}: there is no such file.");

        using var stream = File.OpenRead(path);
        try
        {
            Span<byte> length = stackalloc byte[8];
            stream.ReadExactly(length);
            var headerBytes = BinaryPrimitives.ReadInt64LittleEndian(length);
            if (headerBytes is < 2 or > MaxHeaderBytes || headerBytes > stream.Length - 8)
                throw new FormatException($"a header of {headerBytes} bytes in a file of {stream.Length}");

            var text = new byte[headerBytes];
            stream.ReadExactly(text);
            var header = JsonNode.Parse(text) as JsonObject ?? throw new FormatException("the header is no JSON object");
            var metadata = header[MetadataName]?.AsObject().ToDictionary(m => m.Key, m => m.Value?.GetValue<string>() ?? "") ?? [];
            var entries = header.Where(e => e.Key != MetadataName).ToDictionary(e => e.Key, e => ReadEntry(e.Key, e.Value, stream.Length - 8 - headerBytes));
            return new(path, 8 + headerBytes, entries, metadata);
        }
        catch (Exception fault) when (fault is JsonException or FormatException or InvalidOperationException or ArgumentException or EndOfStreamException)
        {
            // Apart from our own FormatException these are what System.Text.Json throws for a node of another kind and for a name given twice.
            throw new InvalidInputException($"{path}: not a safetensors file, or damaged: {fault.Message}.", fault);
        }
    }

    /// <summary>Copies stored tensors into existing ones of the same shape.</summary>
    /// <param name="prefix">Stored names are this followed by the name of the target.</param>
    /// <param name="targets">Tensors to overwrite, on any device.</param>
    /// <exception cref="InvalidInputException">The stored names that start with the prefix are not those of the targets, or a shape or type differs; the message lists which.</exception>
    public void CopyInto(string prefix, IReadOnlyDictionary<string, Tensor> targets)
    {
        var stored = Entries.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..]).ToHashSet();
        List<string> faults =
        [
            .. targets.Keys.Where(name => !stored.Contains(name)).Select(name => $"{prefix}{name} is missing"),
            .. stored.Where(name => !targets.ContainsKey(name)).Select(name => $"{prefix}{name} is not part of the model"),
            .. targets.Where(t => stored.Contains(t.Key)).Select(t => Mismatch(prefix + t.Key, t.Value)).OfType<string>(),
        ];
        if (faults.Count > 0)
            throw new InvalidInputException($"{_path}: does not fit: {string.Join("; ", faults.Take(8))}{(faults.Count > 8 ? $"; and {faults.Count - 8} more" : "")}.");

        using var noGradient = no_grad();
        using var stream = File.OpenRead(_path);
        foreach (var (name, target) in targets)
        {
            using var scope = NewDisposeScope();
            target.copy_(Read(stream, Entries[prefix + name]));
        }
    }

    /// <summary>Reads one tensor.</summary>
    /// <returns>A CPU tensor that the caller owns.</returns>
    /// <exception cref="KeyNotFoundException">There is no tensor of that name.</exception>
    public Tensor Read(string name)
    {
        using var stream = File.OpenRead(_path);
        return Read(stream, Entries[name]);
    }

    private Tensor Read(FileStream stream, TensorEntry entry)
    {
        var result = empty(entry.Shape, entry.Type);
        stream.Position = _dataStart + entry.Start;
        if (entry.End > entry.Start)
            stream.ReadExactly(result.bytes);
        return result;
    }

    private string? Mismatch(string name, Tensor target)
    {
        var entry = Entries[name];
        return entry.Type == target.dtype && entry.Shape.SequenceEqual(target.shape)
            ? null
            : $"{name} is {entry.Type} [{string.Join(", ", entry.Shape)}], expected {target.dtype} [{string.Join(", ", target.shape)}]";
    }

    private static TensorEntry ReadEntry(string name, JsonNode? node, long dataBytes)
    {
        var typeName = node?["dtype"]?.GetValue<string>();
        var (_, type, bytes) = Types.FirstOrDefault(t => t.Name == typeName);
        if (bytes == 0)
            throw new FormatException($"{name} has the unknown type {typeName ?? "null"}");
        var shape = Numbers("shape");
        var offsets = Numbers("data_offsets");
        if (offsets is not [var start, var end] || start < 0 || end > dataBytes || shape.Any(size => size < 0) || end - start != shape.Aggregate((double)bytes, (product, size) => product * size))
            throw new FormatException($"{name} has shape [{string.Join(", ", shape)}] but lies at {string.Join("..", offsets)} of {dataBytes} bytes");
        return new(type, shape, start, end);

        long[] Numbers(string field) => node?[field] is JsonArray numbers
            ? [.. numbers.Select(number => number?.GetValue<long>() ?? throw new FormatException($"{name} has a null in {field}"))]
            : throw new FormatException($"{name} has no {field}");
    }
}
