using System.Globalization;
using System.Text.RegularExpressions;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>The published anchors (width, height in pixels) of YOLOv5 and YOLOv7, which a graph without its decoding does not hold.</summary>
internal static partial class YoloAnchors
{
    // Where the detection layer stands among the layers of the published networks.
    private static readonly int[] YoloV7Layers = [105, 121, 122, 118, 162];

    private static readonly IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>> YoloV5 =
    [
        [[10, 13], [16, 30], [33, 23]], [[30, 61], [62, 45], [59, 119]], [[116, 90], [156, 198], [373, 326]],
    ];

    private static readonly IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>> YoloV5Large =
    [
        [[19, 27], [44, 40], [38, 94]], [[96, 68], [86, 152], [180, 137]], [[140, 301], [303, 264], [238, 542]], [[436, 615], [739, 380], [925, 792]],
    ];

    private static readonly IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>> YoloV7 =
    [
        [[12, 16], [19, 36], [40, 28]], [[36, 75], [76, 55], [72, 146]], [[142, 110], [192, 243], [459, 401]],
    ];

    /// <summary>True when the detection layer stands where YOLOv7 has it.</summary>
    public static bool IsYoloV7(GraphDescription graph)
        => graph.Names.Select(name => DetectionLayer().Match(name)).Any(match
            => match.Success && YoloV7Layers.Contains(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)));

    /// <summary>True when there is a detection layer as YOLOv5 and YOLOv7 have it.</summary>
    public static bool HasDetectionLayer(GraphDescription graph) => graph.Names.Any(name => LastConvolution().IsMatch(name));

    /// <summary>The anchors of a pyramid of three or four levels, and whose they are.</summary>
    public static (IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>> Anchors, string Whose) Of(GraphDescription graph, int levels)
        => levels == 4 ? (YoloV5Large, "YOLOv5's (P6) and YOLOv7-W6's")
            : IsYoloV7(graph) ? (YoloV7, "YOLOv7's")
            : (YoloV5, "YOLOv5's and YOLOv7-tiny's");

    // As below, and not a block of the backbone, whose list is called m too: model.2.m.0.cv1.conv.weight.
    [GeneratedRegex(@"(?:^|/)model\.\d{1,4}[./]m\.[0-3](?:\.weight|\.bias|/Conv)")]
    private static partial Regex LastConvolution();

    // Three convolutions in a list called m: model.24.m.0.weight, /model.105/m.2/Conv.
    [GeneratedRegex(@"(?:^|/)model\.(\d{1,4})[./]m\.[0-3][./]")]
    private static partial Regex DetectionLayer();
}
