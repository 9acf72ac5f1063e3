using Serve.Inference.Decoding;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// YOLOv5 and YOLOv7 with their anchors applied inside: [B, N, 5 + C], N three anchors of each cell; centre and size in input pixels, objectness, categories.
/// With a second output [B, K, h, w], segmentation: K coefficients behind the categories.
/// </summary>
/// <remarks>Outputs of the raw heads beside it, which older exports have, are passed over.</remarks>
internal sealed class YoloV5 : ModelFamily
{
    private const int AnchorsPerCell = 3;

    /// <inheritdoc/>
    public override string Name => "yolov5";

    /// <inheritdoc/>
    public override string Title => "YOLOv5 and YOLOv7, boxes decoded inside, detection and segmentation.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (DenseOutput.All(graph, probe, AnchorsPerCell) is not [var output] || output.ChannelsFirst)
            return null;
        var metadata = ExportMetadata.Of(graph);
        var prototypes = Prototypes.Of(graph);
        var categories = output.Channels - 5 - (prototypes?.Channels ?? 0);
        if (categories < 1)
            return null;

        string[] names = [output.Name];
        // YOLOv7 does not train the category's score where there is but one.
        var objectnessAlone = categories == 1 && YoloAnchors.IsYoloV7(graph);
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = names, Channels = 4 },
            Objectness = new TensorPart { Outputs = names, From = 4, Channels = 1 },
            Scores = new TensorPart { Outputs = names, From = 5, Channels = categories },
            Code = BoxCode.Cxcywh,
            Score = objectnessAlone ? ScoreRule.Objectness : ScoreRule.ObjectnessTimesCategory,
            Nms = new NmsSpec { Iou = 0.45 },
            Masks = prototypes?.Masks(new TensorPart { Outputs = names, From = 5 + categories, Channels = prototypes.Channels }),
        };
        return new Recognition(YoloInput.Centred(output.Picture, metadata), decoding, categories, 0.25,
        [
            $"output {output.Name} {output.Shape} has {output.Locations} rows: three anchors at each cell of strides {output.Pyramid.Text}",
            $"a row is box, objectness and {categories} categories{(prototypes is null ? "" : $", and {prototypes.Channels} coefficients of the masks in {prototypes.Name}")}",
            .. objectnessAlone ? ["one category, of YOLOv7: the objectness is its score"] : Array.Empty<string>(),
            $"assumed: {YoloInput.Letterboxed(output.Picture)}; suppression above an overlap of 0.45",
        ]);
    }

    /// <inheritdoc/>
    public override string? Shortfall(GraphDescription graph)
        => DenseOutput.WrongLocations(graph, output => output.Shape is [_, > 1000, > 5 and < 1000] ? output.Shape[1] : null, AnchorsPerCell);
}
