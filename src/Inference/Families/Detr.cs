using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// The DETR line without post-processing: logits [B, Q, C] and boxes [B, Q, 4], centre and size as fractions of the input. Either a softmax whose last class
/// is "no object" (DETR, YOLOS), or a sigmoid a class, of whose Q x C pairs the best are taken (Deformable and Conditional DETR, RT-DETR, D-FINE, RF-DETR).
/// </summary>
internal sealed class Detr : ModelFamily
{
    // More locations than this are no queries but the cells of a grid.
    private const int MostQueries = 1000;
    private const int BestPairs = 300;
    private const int CocoIds = 91;

    /// <inheritdoc/>
    public override string Name => "detr";

    /// <inheritdoc/>
    public override string Title => "DETR, YOLOS, Deformable and Conditional DETR, RT-DETR, D-FINE, DEIM, RF-DETR: raw logits and boxes.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (Outputs(graph) is not var (logits, boxes) || PictureTensor.Of(graph) is not { } picture || boxes.Side(1) is > MostQueries)
            return null;

        // Exports leave the number of classes open now and then.
        var channels = logits.Side(-1) ?? (Probe(picture, probe, logits).Shape is [_, _, var told] ? told : null);
        var roboflow = boxes.Name == "dets";
        var (softmax, why) = roboflow ? (false, "outputs dets and labels are RF-DETR's: a sigmoid a class") : Activations(graph, picture, logits, channels, probe);
        var classes = softmax ? channels - 1 : channels;
        var (input, resized) = Input(graph, picture, roboflow);
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [boxes.Name] },
            Scores = new TensorPart { Outputs = [logits.Name], Activation = softmax ? Activation.Softmax : Activation.Sigmoid },
            Code = BoxCode.Cxcywh,
            Units = BoxUnits.InputNormalised,
            Background = softmax ? -1 : null,
            Choose = softmax ? LabelRule.Best : LabelRule.Every,
            MaxDetections = softmax ? 0 : BestPairs,
            LabelsAreIds = classes is CocoIds,
        };
        return new Recognition(input, decoding, classes, 0.5,
        [
            $"outputs {logits.Name} {logits.ShapeText} and {boxes.Name} {boxes.ShapeText} are logits and boxes of queries",
            why,
            resized,
            .. classes is CocoIds ? ["91 classes: labels are COCO's ids"] : Array.Empty<string>(),
        ])
        {
            Evidence = Evidence.Names,
        };
    }

    private static (GraphTensor Logits, GraphTensor Boxes)? Outputs(GraphDescription graph)
    {
        // RF-DETR calls its logits labels; end-to-end exports have whole numbers under that name.
        var logits = graph.Output("logits", "pred_logits") ?? (graph.Output("dets") is null ? null : graph.Output("labels"));
        var boxes = graph.Output("pred_boxes", "boxes", "dets");
        return logits is not null && boxes is not null && IsReal(logits) && IsReal(boxes) && logits.Fits(-1, -1, -1) && boxes.Fits(-1, -1, 4)
            ? (logits, boxes)
            : null;
    }

    private static bool IsReal(GraphTensor tensor) => tensor.Type is TensorElementType.Float or TensorElementType.Float16;

    private static (bool Softmax, string Why) Activations(GraphDescription graph, PictureTensor picture, GraphTensor logits, int? channels, IGraphProbe probe)
    {
        if (channels == CocoIds + 1)
            return (true, "92 classes: COCO's ids and, last, 'no object', under a softmax");
        if (graph.Uses("GridSample"))
            return (false, "GridSample: deformable attention, which goes with a sigmoid a class");

        if (channels is not > 0)
            return (false, "a run does not tell the number of classes: a sigmoid a class");
        var share = ShareWhereLastIsBest(Probe(picture, probe, logits).Values, channels.Value);
        return share >= 0.5
            ? (true, $"on noise the last class is the best of {share:P0} of the queries: it is 'no object', under a softmax")
            : (false, $"on noise the last class is the best of {share:P0} of the queries: there is no 'no object', and a sigmoid a class");
    }

    private static ProbeOutput Probe(PictureTensor picture, IGraphProbe probe, GraphTensor output)
        => probe.Run(1, picture.Width ?? 640, picture.Height ?? 640, 1).Outputs[output.Name];

    private static double ShareWhereLastIsBest(float[] logits, int channels)
    {
        var (rows, last) = (0, 0);
        for (var from = 0; from + channels <= logits.Length; from += channels, rows++)
        {
            if (TensorPrimitives.IndexOfMax<float>(logits.AsSpan(from, channels)) == channels - 1)
                last++;
        }

        return rows == 0 ? 0 : (double)last / rows;
    }

    private static (InputSpec Input, string Why) Input(GraphDescription graph, PictureTensor picture, bool roboflow)
    {
        var (input, why) = Resized(graph, picture, roboflow);
        // Which pixels belong to the picture: all, as pictures of one size make up a batch.
        return graph.Input("pixel_mask") is { } mask
            ? (input with { Extra = [new ExtraInput { Name = mask.Name, Value = ExtraValue.Constant, Numbers = [1] }] }, why)
            : (input, why);
    }

    private static (InputSpec Input, string Why) Resized(GraphDescription graph, PictureTensor picture, bool roboflow)
    {
        if (roboflow)
            return (picture.ImageNet(560, 560) with { Resize = ResizeRule.Stretch, Filter = ResizeFilter.Antialias }, "stretched, ImageNet's mean and deviation, as RF-DETR is run");

        // Hugging Face runs every kind of these stretched; the authors of D-FINE and DEIM letterbox.
        var hugging = picture.Name == "pixel_values";
        if (RtDetr.RefinesDistributions(graph) && !hugging)
            return (RtDetr.Input(graph, picture, letterbox: true), "names of layers tell of D-FINE, DEIM or DEIMv2: letterbox in the centre, black, antialiased, 0..1");
        if (RtDetr.RefinesDistributions(graph) || graph.Mentions("fpn_block", "lateral_conv", "pan_block"))
            return (RtDetr.Input(graph, picture, letterbox: false), "names of layers tell of RT-DETR's encoder: stretched, antialiased, 0..1");
        if (picture.IsFixed)
            return (picture.ImageNet(800, 800) with { Resize = ResizeRule.Stretch, Filter = ResizeFilter.PillowBilinear }, "a fixed size: stretched, antialiased, ImageNet's mean and deviation");
        return (picture.ImageNet(1333, 800) with { Resize = ResizeRule.ShortestSide, Filter = ResizeFilter.PillowBilinear },
            "sides are dynamic: shorter side 800, longer at most 1333, antialiased, ImageNet's mean and deviation, as DETR is run");
    }
}
