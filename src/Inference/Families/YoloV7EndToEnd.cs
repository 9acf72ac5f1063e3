using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Decoding;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// YOLOv7 exported with suppression inside: [M, 7], the detections of all pictures of a batch together: picture, left, top, right, bottom in input pixels, category, score.
/// </summary>
internal sealed class YoloV7EndToEnd : ModelFamily
{
    /// <inheritdoc/>
    public override string Name => "yolov7-end-to-end";

    /// <inheritdoc/>
    public override string Title => "YOLOv7 with suppression inside, detections of the whole batch in one list.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (YoloInput.Only(graph) is not { Type: not Models.PixelType.Uint8 } picture || graph.Outputs is not [{ Shape: [_, 7] } output]
            || output.Type is not (TensorElementType.Float or TensorElementType.Float16) || output.Name.Contains(YoloNas.FlatName, StringComparison.Ordinal))
        {
            return null;
        }

        TensorPart Part(int from, int count) => new() { Outputs = [output.Name], Axes = "nc", From = from, Channels = count };
        var decoding = new DecodingSpec { BatchIndex = Part(0, 1), Boxes = Part(1, 4), Labels = Part(5, 1), Scores = Part(6, 1) };
        var metadata = ExportMetadata.Of(graph);
        return new Recognition(YoloInput.Centred(picture, metadata), decoding, metadata.Names, 0.25,
        [
            $"output {output.Name} {output.ShapeText} holds rows of picture, box, category and score: nothing is left to suppress",
            $"assumed: {YoloInput.Letterboxed(picture)}",
        ]);
    }
}
