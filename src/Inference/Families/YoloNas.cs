using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// YOLO-NAS in the three forms of its exporter: boxes [B, N, 4] (corners, input pixels) then categories [B, N, C] without suppression; num_predictions, pred_boxes,
/// pred_scores, pred_classes of a batch; or flat_predictions [M, 7]: picture, corners, score, category.
/// </summary>
/// <remarks>Its authors scale to 636 pixels inside 640; the whole input is used here, larger by 0.6 percent.</remarks>
internal sealed class YoloNas : ModelFamily
{
    /// <summary>Part of the name of the output with the detections of all pictures together.</summary>
    public const string FlatName = "flat_predictions";

    /// <inheritdoc/>
    public override string Name => "yolo-nas";

    /// <inheritdoc/>
    public override string Title => "YOLO-NAS, raw and with suppression inside.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (YoloInput.Only(graph) is not { } picture)
            return null;
        return Raw(graph, picture) ?? Batched(graph, picture) ?? Flat(graph, picture);
    }

    private static Recognition? Raw(GraphDescription graph, PictureTensor picture)
    {
        if (BoxesAndScores.Of(graph, picture) is not { BoxesFirst: true, ScoresByCategory: false } outputs)
            return null;
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [outputs.Boxes.Name] },
            Scores = new TensorPart { Outputs = [outputs.Scores.Name] },
            Nms = new NmsSpec { Iou = 0.7 },
        };
        return Found(graph, picture, decoding, outputs.Categories, outputs.Text + ", boxes first", Evidence.Shapes);
    }

    private static Recognition? Batched(GraphDescription graph, PictureTensor picture)
    {
        string? Ending(string name) => graph.Outputs.FirstOrDefault(output => output.Name.EndsWith(name, StringComparison.Ordinal))?.Name;
        if (Ending("num_predictions") is not { } count || Ending("pred_boxes") is not { } boxes || Ending("pred_scores") is not { } scores
            || Ending("pred_classes") is not { } labels)
        {
            return null;
        }

        var decoding = new DecodingSpec
        {
            Count = new TensorPart { Outputs = [count], Axes = "b1" },
            Boxes = new TensorPart { Outputs = [boxes] },
            Scores = new TensorPart { Outputs = [scores], Axes = "bn" },
            Labels = new TensorPart { Outputs = [labels], Axes = "bn" },
        };
        return Found(graph, picture, decoding, null, $"outputs {count}, {boxes}, {scores} and {labels} are its exporter's: suppressed already", Evidence.Names);
    }

    private static Recognition? Flat(GraphDescription graph, PictureTensor picture)
    {
        if (graph.Outputs is not [{ Shape: [_, 7] } output] || (picture.Type != PixelType.Uint8 && !output.Name.Contains(FlatName, StringComparison.Ordinal)))
            return null;
        TensorPart Part(int from, int channels) => new() { Outputs = [output.Name], Axes = "nc", From = from, Channels = channels };
        var decoding = new DecodingSpec { BatchIndex = Part(0, 1), Boxes = Part(1, 4), Scores = Part(5, 1), Labels = Part(6, 1) };
        return Found(graph, picture, decoding, null, $"output {output.Name} {output.ShapeText} holds rows of picture, box, score and category: suppressed already", Evidence.Names);
    }

    private static Recognition Found(GraphDescription graph, PictureTensor picture, DecodingSpec decoding, int? categories, string why, Evidence evidence)
        => new(YoloInput.Centred(picture, ExportMetadata.Of(graph)), decoding, categories, 0.25,
        [
            why,
            $"assumed: {YoloInput.Letterboxed(picture)}",
        ])
        {
            Evidence = evidence,
        };
}
