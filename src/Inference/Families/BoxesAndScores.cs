using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// Two outputs over the cells of a pyramid: boxes [B, N, 4], and categories [B, N, C] or [B, C, N]. Several families have them, and differ in their order and names.
/// </summary>
/// <param name="Boxes">Output with the boxes.</param>
/// <param name="Scores">Output with the categories.</param>
/// <param name="BoxesFirst">The boxes are the first of the two.</param>
/// <param name="ScoresByCategory">[B, C, N].</param>
/// <param name="Categories">C.</param>
/// <param name="Pyramid">The cells.</param>
internal sealed record BoxesAndScores(GraphTensor Boxes, GraphTensor Scores, bool BoxesFirst, bool ScoresByCategory, int Categories, Pyramid Pyramid)
{
    /// <summary>Finds them among the first two outputs; null when these are not so.</summary>
    public static BoxesAndScores? Of(GraphDescription graph, PictureTensor picture)
    {
        if (graph.Outputs is not [{ Shape: [_, > 0, > 0] } first, { Shape: [_, > 0, > 0] } second, ..] || !IsReal(first) || !IsReal(second))
            return null;
        var (width, height) = YoloInput.Size(picture, ExportMetadata.Of(graph));
        return Read(first, second, boxesFirst: true) ?? Read(second, first, boxesFirst: false);

        BoxesAndScores? Read(GraphTensor boxes, GraphTensor scores, bool boxesFirst)
        {
            if (boxes.Shape is not [_, var locations, 4] || Pyramid.Of(locations, width, height) is not { } pyramid)
                return null;
            if (scores.Shape![1] == locations)
                return new BoxesAndScores(boxes, scores, boxesFirst, ScoresByCategory: false, scores.Shape[2], pyramid);
            return scores.Shape[2] == locations ? new BoxesAndScores(boxes, scores, boxesFirst, ScoresByCategory: true, scores.Shape[1], pyramid) : null;
        }
    }

    /// <summary>The two in words.</summary>
    public string Text => $"outputs {Boxes.Name} {Boxes.ShapeText} and {Scores.Name} {Scores.ShapeText} are boxes and {Categories} categories at the cells of strides {Pyramid.Text}";

    private static bool IsReal(GraphTensor output) => output.Type is TensorElementType.Float or TensorElementType.Float16;
}
