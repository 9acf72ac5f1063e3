using System.Text.RegularExpressions;
using Serve.Inference.Decoding;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// YOLOv8, v9 and v11 as their last convolutions leave them: for each of three or four strides [B, 64 + C, H, W], distributions of four distances over 16 bins and
/// logits of categories, or these two in outputs of their own, with or without the sum of the scores.
/// </summary>
internal sealed partial class YoloV8Heads : ModelFamily
{
    private const int BoxChannels = 64;

    // So many values of scores on noise lie below one half; box channels are as often above zero as below.
    private const double ShareOfLowScores = 0.995;

    /// <inheritdoc/>
    public override string Name => "yolov8-heads";

    /// <inheritdoc/>
    public override string Title => "YOLOv8, v9, v11, raw heads with distributions left to decode.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (YoloInput.Only(graph) is not { } picture || graph.Outputs.Count is < 3 or > 12)
            return null;
        var metadata = ExportMetadata.Of(graph);
        var (width, height) = YoloInput.Size(picture, metadata);
        if (HeadMap.All(graph, probe, width, height) is not { } maps || maps.Any(map => map.IsSplit))
            return null;
        var levels = maps.GroupBy(map => (map.Columns, map.Rows)).ToList();
        if (levels.Count is not (3 or 4))
            return null;
        return levels.All(level => level.Count() == 1) ? Joined(graph, probe, picture, metadata, maps) : Apart(probe, picture, metadata, levels);
    }

    /// <summary>Whether maps of so many channels are distributions and categories, and not three anchors as YOLOv5's; null where nothing tells.</summary>
    public static bool? AreDistributions(GraphDescription graph, IGraphProbe probe, int width, int height, IReadOnlyList<HeadMap> maps)
    {
        var channels = maps[0].Channels;
        if (channels <= BoxChannels)
            return false;
        if (ExportMetadata.Of(graph).Names is { } names && (names == channels - BoxChannels || names == (channels / HeadMap.AnchorsPerCell) - 5))
            return names == channels - BoxChannels;
        if (graph.Names.Any(name => HeadLayer().IsMatch(name)) || channels == BoxChannels + 80)
            return true;
        if (YoloAnchors.HasDetectionLayer(graph) || channels == HeadMap.AnchorsPerCell * 85)
            return false;

        // What lies behind 64 channels holds the box of an anchor only where there is a whole anchor behind them.
        if (channels % HeadMap.AnchorsPerCell == 0 && channels - BoxChannels < channels / HeadMap.AnchorsPerCell)
            return null;
        var run = probe.Run(1, width, height, 1);
        return maps.All(map => LowShare(run.Outputs[map.Name].Values, channels) >= ShareOfLowScores);
    }

    private static double LowShare(float[] values, int channels)
    {
        var scores = values.AsSpan(values.Length / channels * BoxChannels);
        var low = 0;
        foreach (var score in scores)
            low += score < 0 ? 1 : 0;
        return scores.Length == 0 ? 0 : (double)low / scores.Length;
    }

    private static Recognition? Joined(GraphDescription graph, IGraphProbe probe, PictureTensor picture, ExportMetadata metadata, IReadOnlyList<HeadMap> maps)
    {
        var (width, height) = YoloInput.Size(picture, metadata);
        if (maps.DistinctBy(map => map.Channels).Count() != 1 || maps[0].Channels <= BoxChannels)
            return null;
        var told = AreDistributions(graph, probe, width, height, maps);
        if (told == false)
            return null;
        string[] names = [.. maps.Select(map => map.Name)];
        return Found(
            picture, metadata, [.. maps.Select(map => map.Stride(width))], maps[0].Channels - BoxChannels,
            new TensorPart { Outputs = names, Axes = "bcyx", Channels = BoxChannels },
            new TensorPart { Outputs = names, Axes = "bcyx", From = BoxChannels, Activation = Activation.Sigmoid }, told is null ? Evidence.Shapes : Evidence.Names);
    }

    private static Recognition? Apart(IGraphProbe probe, PictureTensor picture, ExportMetadata metadata, List<IGrouping<(int Columns, int Rows), HeadMap>> levels)
    {
        var (width, height) = YoloInput.Size(picture, metadata);
        var boxes = levels.Select(level => level.Where(map => map.Channels == BoxChannels).ToList()).ToList();

        // A single channel beside categories is their sum.
        var scores = levels.Select(level => level.Where(map => map.Channels != BoxChannels && (level.Count() == 2 || map.Channels > 1)).ToList()).ToList();
        if (boxes.Any(maps => maps.Count != 1) || scores.Any(maps => maps.Count != 1) || levels.Any(level => level.Count() > 3) || scores.DistinctBy(maps => maps[0].Channels).Count() != 1)
            return null;
        var run = probe.Run(1, width, height, 1);
        var areLogits = scores.Any(maps => run.Outputs[maps[0].Name].Values.AsSpan().IndexOfAnyExceptInRange(-1e-3f, 1 + 1e-3f) >= 0);
        return Found(
            picture, metadata, [.. boxes.Select(maps => maps[0].Stride(width))], scores[0][0].Channels,
            new TensorPart { Outputs = [.. boxes.Select(maps => maps[0].Name)], Axes = "bcyx" },
            new TensorPart { Outputs = [.. scores.Select(maps => maps[0].Name)], Axes = "bcyx", Activation = areLogits ? Activation.Sigmoid : Activation.None }, Evidence.Names);
    }

    private static Recognition Found(PictureTensor picture, ExportMetadata metadata, double[] strides, int categories, TensorPart boxes, TensorPart scores, Evidence evidence)
    {
        var decoding = new DecodingSpec
        {
            Boxes = boxes,
            Scores = scores,
            Code = BoxCode.Distribution,
            Units = BoxUnits.Stride,
            Grid = new GridSpec { Strides = strides },
            Nms = new NmsSpec { Iou = 0.7 },
            MaxDetections = 300,
        };
        return new Recognition(YoloInput.Centred(picture, metadata), decoding, categories, 0.25,
        [
            $"outputs are maps of distributions of four distances over 16 bins and of {categories} categories: raw heads of strides {string.Join(", ", strides)}",
            scores.Activation == Activation.None ? "on noise scores lie in 0..1 already" : "a sigmoid is applied to the scores",
            $"assumed: {YoloInput.Letterboxed(picture)}; suppression above an overlap of 0.7, at most 300 detections",
        ])
        {
            Evidence = evidence,
        };
    }

    // Convolutions of a stride each, for boxes and categories: model.22.cv3.0.2.weight, /model.22/cv2.1/cv2.1.2/Conv; blocks of the backbone have only one cv3.
    [GeneratedRegex(@"\bcv[23]\.[0-3](?:[./]|\b)")]
    private static partial Regex HeadLayer();
}
