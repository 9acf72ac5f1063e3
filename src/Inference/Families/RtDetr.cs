using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// RT-DETR and what followed it, exported with their post-processing: inputs images and orig_target_sizes (width, height), outputs labels, boxes (xyxy in the
/// units of orig_target_sizes) and scores, with or without a batch.
/// </summary>
/// <remarks>
/// RT-DETR (Zhao et al. 2024) is run on pictures stretched to 640 x 640; D-FINE, DEIM and DEIMv2 are run by their authors' programs on a letterbox, centred
/// on black, and those of DEIMv2 with a DINOv3 backbone on ImageNet-normalised values.
/// </remarks>
internal sealed class RtDetr : ModelFamily
{
    private const int DefaultSide = 640;
    private const int Queries = 300;

    /// <inheritdoc/>
    public override string Name => "rt-detr";

    /// <inheritdoc/>
    public override string Title => "RT-DETR, RT-DETRv2, D-FINE, DEIM, DEIMv2: end to end, with orig_target_sizes.";

    /// <summary>True for graphs that refine distributions of box edges, by the names of those layers: D-FINE and what is built on it.</summary>
    public static bool RefinesDistributions(GraphDescription graph) => graph.Mentions("lqe_layers", "/integral", "decoder.integral", "swish_ffn");

    /// <summary>The input of RT-DETR's stretch, or of the letterbox of those that refine distributions.</summary>
    public static InputSpec Input(GraphDescription graph, PictureTensor picture, bool letterbox)
    {
        var input = graph.Mentions("dinov3") ? picture.ImageNet(DefaultSide, DefaultSide) : picture.Unit(DefaultSide, DefaultSide);
        return letterbox
            ? input with { Resize = ResizeRule.LetterboxCentre, OneFactor = true, Rounding = SizeRounding.Down, Filter = ResizeFilter.PillowBilinear }
            : input with { Resize = ResizeRule.Stretch, Filter = ResizeFilter.PillowBilinear };
    }

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (graph.Input("orig_target_sizes") is not { } sizes || !sizes.Fits(-1, 2) || PictureTensor.Of(graph) is not { } picture
            || graph.Output("labels") is not { } labels || graph.Output("boxes") is not { } boxes || graph.Output("scores") is not { } scores)
        {
            return null;
        }

        var batched = boxes.Fits(-1, -1, 4);
        if (!batched && !boxes.Fits(-1, 4))
            return null;
        var letterbox = RefinesDistributions(graph);
        // With a letterbox boxes must come back in its pixels; a stretch gives the same either way.
        var input = Input(graph, picture, letterbox) with
        {
            Extra = [new ExtraInput { Name = sizes.Name, Value = ExtraValue.InputSize }],
            MaxBatch = batched ? 0 : 1,
        };
        var rows = batched ? "bn" : "n";
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [boxes.Name], Axes = rows + "c" },
            Scores = new TensorPart { Outputs = [scores.Name], Axes = rows },
            Labels = new TensorPart { Outputs = [labels.Name], Axes = rows },
            MaxDetections = Queries,
        };
        return new Recognition(input, decoding, null, 0.5,
        [
            "the inputs are a picture and 'orig_target_sizes', the outputs labels, boxes and scores",
            letterbox
                ? "names of layers (lqe_layers, integral) tell of D-FINE, DEIM or DEIMv2: letterbox in the centre, black, antialiased"
                : "nothing tells of D-FINE or DEIM: stretched as RT-DETR is, antialiased",
            graph.Mentions("dinov3") ? "a DINOv3 backbone: 0..1 less ImageNet's mean, by its deviation" : "values 0..1, RGB",
            .. batched ? Array.Empty<string>() : ["the outputs have no batch: one picture a run"],
        ])
        {
            Evidence = Evidence.Names,
        };
    }
}
