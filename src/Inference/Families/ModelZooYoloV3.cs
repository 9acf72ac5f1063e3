using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// YOLOv3 and its tiny form of the ONNX model zoo: inputs a picture and image_shape (height, width of the original); boxes [1, N, 4] (top, left, bottom, right in
/// its pixels), scores [1, C, N], and rows (picture, category, box) that a suppression selected.
/// </summary>
internal sealed class ModelZooYoloV3 : ModelFamily
{
    private const int DefaultSide = 416;

    /// <inheritdoc/>
    public override string Name => "model-zoo-yolov3";

    /// <inheritdoc/>
    public override string Title => "YOLOv3 and tiny YOLOv3 of the ONNX model zoo.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (graph.Input("image_shape") is not { } size || !size.Fits(-1, 2) || PictureTensor.Of(graph) is not { } picture || graph.Outputs.Count != 3)
            return null;
        var selected = graph.Outputs.FirstOrDefault(output => output.Shape is [.., 3] && output.Type != graph.Outputs[0].Type);
        var boxes = graph.Outputs.FirstOrDefault(output => output != selected && output.Shape is [_, _, 4]);
        var scores = graph.Outputs.FirstOrDefault(output => output != selected && output != boxes && output.Shape is [_, _, _]);
        if (selected is null || boxes is null || scores is null)
            return null;

        var input = picture.Unit(DefaultSide, DefaultSide) with
        {
            Resize = ResizeRule.LetterboxCentre,
            Rounding = SizeRounding.Down,
            Filter = ResizeFilter.PillowBicubic,
            PadValue = 128,
            MaxBatch = 1,
            Extra = [new ExtraInput { Name = size.Name, Value = ExtraValue.OriginalSize, Order = "hw" }],
        };
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [boxes.Name] },
            Scores = new TensorPart { Outputs = [scores.Name], Axes = "bcn" },
            Selected = selected.Name,
            Code = BoxCode.Yxyx,
            Units = BoxUnits.Original,
        };
        return new Recognition(input, decoding, scores.Side(1), 0.3,
        [
            $"inputs are a picture and image_shape; {selected.Name} {selected.ShapeText} selects from {boxes.Name} and {scores.Name}",
            "letterbox in the centre, 128, Pillow's cubic, values 0..1, RGB; boxes come in pixels of the original",
        ])
        {
            Evidence = Evidence.Names,
        };
    }
}
