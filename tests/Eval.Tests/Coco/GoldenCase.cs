using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Coco;

/// <summary>A folder of ../shared/golden: an input and what the reference makes of it.</summary>
internal sealed class GoldenCase
{
    private readonly string folder;
    private readonly JsonElement input;

    public GoldenCase(string name)
    {
        folder = TestFiles.Shared($"golden/{name}");
        input = JsonFile("case.json");
        Golden = JsonFile("golden.json");
    }

    public JsonElement Golden { get; }

    public bool IsRefused => Golden.GetProperty("error").ValueKind is not JsonValueKind.Null;

    /// <summary>The reference, to its faults.</summary>
    public Protocol Protocol => ProtocolParameters.Read(input.GetProperty("params"), "case.json", Find(input.GetProperty("protocol").GetString()!, IouType)) with { StrictReference = true };

    /// <summary>Keypoint similarity has an exponential, which libraries compute to the last bit but one.</summary>
    public bool IsExactToTheLastBit => IouType != "keypoints";

    private string IouType => input.GetProperty("iouType").GetString()!;

    /// <summary>Names of the cases of all protocols; none without ../shared.</summary>
    public static IEnumerable<string> Cases()
    {
        var root = Path.Combine(TestFiles.Root, "..", "shared", "golden");
        if (!Directory.Exists(root))
            yield break;
        foreach (var path in Directory.GetFiles(root, "case.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            yield return Path.GetRelativePath(root, Path.GetDirectoryName(path)!);
    }

    public async Task<Dataset> ReadDataset(CancellationToken ct)
    {
        await using var stream = Open("gt");
        return await CocoDatasetReader.ReadAsync(stream, "gt", Protocol.Parts, ct: ct);
    }

    public async Task<DetectionTable> ReadDetections(CancellationToken ct)
    {
        await using var stream = Open("dt");
        return await CocoResults.ReadAsync(stream, "dt", Protocol.Parts, ct: ct);
    }

    /// <summary>precision, recall or scores; null where the protocol has none.</summary>
    public double[]? Array(string name)
    {
        if (!Golden.GetProperty("arrays").TryGetProperty(name, out var place))
            return null;
        using var zip = new GZipStream(File.OpenRead(Path.Combine(folder, "arrays.f64.gz")), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        zip.CopyTo(bytes);
        var all = MemoryMarshal.Cast<byte, double>(bytes.ToArray());
        return all.Slice(place.GetProperty("offset").GetInt32(), place.GetProperty("count").GetInt32()).ToArray();
    }

    /// <summary>The matches, or null where they are not kept.</summary>
    public JsonElement? Matches()
    {
        if (!Golden.TryGetProperty("matches", out var name) || name.ValueKind is not JsonValueKind.String)
            return null;
        using var zip = new GZipStream(File.OpenRead(Path.Combine(folder, name.GetString()!)), CompressionMode.Decompress);
        using var document = JsonDocument.Parse(zip);
        return document.RootElement.Clone();
    }

    private static Protocol Find(string protocol, string iouType)
        => ProtocolCatalogue.Find($"{protocol}-{iouType}") ?? throw new InvalidOperationException($"No protocol {protocol}-{iouType}.");

    private Stream Open(string name) => input.TryGetProperty(name, out var inline)
        ? new MemoryStream(Encoding.UTF8.GetBytes(inline.GetRawText()))
        : File.OpenRead(Path.Combine(folder, input.GetProperty(name + "File").GetString()!));

    private JsonElement JsonFile(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, name)));
        return document.RootElement.Clone();
    }
}
