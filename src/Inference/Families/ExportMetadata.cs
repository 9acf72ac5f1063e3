using System.Globalization;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>What Ultralytics' exporter writes into a file's metadata; YOLOv5's writes only names and stride.</summary>
/// <param name="IsUltralytics">The file says who wrote it.</param>
/// <param name="Task"><c>detect</c>, <c>segment</c>, <c>pose</c>, <c>obb</c>, <c>classify</c>; null where it does not say.</param>
/// <param name="Width">Width that it was exported for; null where it does not say.</param>
/// <param name="Height">Height that it was exported for; null where it does not say.</param>
/// <param name="Stride">Largest stride; null where it does not say.</param>
/// <param name="Names">Number of category names; null where there are none.</param>
/// <param name="EndToEnd">The graph leaves nothing to suppress; null where it does not say.</param>
/// <param name="Keypoints">Number of keypoints and of channels of each; null where it does not say.</param>
internal sealed record ExportMetadata(
    bool IsUltralytics, string? Task, int? Width, int? Height, int? Stride, int? Names, bool? EndToEnd, (int Count, int Dimensions)? Keypoints)
{
    /// <summary>Reads a graph's metadata.</summary>
    public static ExportMetadata Of(GraphDescription graph)
    {
        var metadata = graph.Metadata;
        var size = Numbers(metadata.GetValueOrDefault("imgsz"));
        var keypoints = Numbers(metadata.GetValueOrDefault("kpt_shape"));
        var suppresses = metadata.GetValueOrDefault("args") is { } arguments && arguments.Contains("'nms': True", StringComparison.Ordinal);
        return new ExportMetadata(
            metadata.GetValueOrDefault("author") == "Ultralytics",
            metadata.GetValueOrDefault("task"),
            size is [_, var width] ? width : null,
            size is [var height, _] ? height : null,
            Numbers(metadata.GetValueOrDefault("stride")) is [var stride] ? stride : null,
            metadata.TryGetValue("names", out var names) ? NameList.Parse(names)?.Count : null,
            suppresses ? true : metadata.GetValueOrDefault("end2end") switch { "True" => true, "False" => false, _ => null },
            keypoints is [var count and > 0, var dimensions and (2 or 3)] ? (count, dimensions) : null);
    }

    private static int[] Numbers(string? text)
    {
        var parts = (text ?? "").Trim('[', ']', '(', ')', ' ').Split(',', StringSplitOptions.TrimEntries);
        return Array.TrueForAll(parts, part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 1 << 16)
            ? Array.ConvertAll(parts, part => int.Parse(part, CultureInfo.InvariantCulture))
            : [];
    }
}
