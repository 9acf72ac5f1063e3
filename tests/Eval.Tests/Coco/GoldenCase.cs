using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Serve.Eval.Coco;
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
    public CocoProtocol Protocol => CocoParameters.Read(input.GetProperty("params"), "case.json", OfKind(input.GetProperty("iouType").GetString()!)) with { StrictReference = true };

    /// <summary>Names of all cases of the COCO protocol; none without ../shared.</summary>
    public static IEnumerable<string> CocoCases()
    {
        var root = Path.Combine(TestFiles.Root, "..", "shared", "golden");
        if (!Directory.Exists(root))
            yield break;
        foreach (var path in Directory.GetFiles(root, "case.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.GetProperty("protocol").GetString() == "coco")
                yield return Path.GetRelativePath(root, Path.GetDirectoryName(path)!);
        }
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

    /// <summary>precision, recall or scores.</summary>
    public double[] Array(string name)
    {
        using var zip = new GZipStream(File.OpenRead(Path.Combine(folder, "arrays.f64.gz")), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        zip.CopyTo(bytes);
        var place = Golden.GetProperty("arrays").GetProperty(name);
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

    private static CocoProtocol OfKind(string iouType) => iouType switch
    {
        "bbox" => CocoProtocol.BoundingBox,
        "segm" => CocoProtocol.Masks,
        _ => CocoProtocol.Keypoints,
    };

    private Stream Open(string name) => input.TryGetProperty(name, out var inline)
        ? new MemoryStream(Encoding.UTF8.GetBytes(inline.GetRawText()))
        : File.OpenRead(Path.Combine(folder, input.GetProperty(name + "File").GetString()!));

    private JsonElement JsonFile(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, name)));
        return document.RootElement.Clone();
    }
}
