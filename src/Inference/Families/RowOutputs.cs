using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>The outputs of detectors that answer for one picture, a row an object: by their types and dimensions, whatever they are called.</summary>
/// <param name="Boxes">[n, 4]</param>
/// <param name="Labels">[n], whole numbers</param>
/// <param name="Scores">[n]</param>
/// <param name="Masks">[n, 1, h, w]; null where there are none.</param>
/// <param name="PictureSize">[2], whole numbers: the size of the picture that went in; null where there is none.</param>
internal sealed record RowOutputs(GraphTensor Boxes, GraphTensor Labels, GraphTensor Scores, GraphTensor? Masks, GraphTensor? PictureSize)
{
    /// <summary>Names and shapes, for people.</summary>
    public string Text => string.Join(", ", new[] { Boxes, Labels, Scores, Masks }.OfType<GraphTensor>().Select(tensor => $"{tensor.Name} {tensor.ShapeText}"));

    /// <summary>Finds them; null when the outputs are others, or could be either of two.</summary>
    public static RowOutputs? Of(GraphDescription graph)
    {
        GraphTensor? boxes = null, labels = null, scores = null, masks = null, size = null;
        foreach (var output in graph.Outputs)
        {
            // Exports leave out shapes of what comes out of a suppression now and then; names help then.
            var real = output.Type is TensorElementType.Float or TensorElementType.Float16;
            var known = output.Shape is not null;
            var fits = output switch
            {
                _ when real && (known ? output.Shape!.Count == 2 && output.Side(1) is 4 or null : output.Name.Contains("boxes", StringComparison.Ordinal)) => Take(ref boxes),
                _ when real && (known ? output.Shape!.Count == 1 : output.Name.Contains("scores", StringComparison.Ordinal)) => Take(ref scores),
                _ when real && (known ? output.Shape!.Count == 4 && output.Side(1) is 1 or null : output.Name.Contains("masks", StringComparison.Ordinal)) => Take(ref masks),
                _ when !real && output.Shape is [2] => Take(ref size),
                _ when !real && (!known || output.Shape!.Count == 1) => Take(ref labels),
                // Keypoints of torchvision's keypoint R-CNN: passed over.
                _ => output.Name.Contains("keypoints", StringComparison.Ordinal),
            };
            if (!fits)
                return null;

            bool Take(ref GraphTensor? place)
            {
                if (place is not null)
                    return output.Name.Contains("keypoints", StringComparison.Ordinal);
                place = output;
                return true;
            }
        }

        return boxes is not null && labels is not null && scores is not null ? new RowOutputs(boxes, labels, scores, masks, size) : null;
    }
}
