using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Decoding;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>The outputs of detectors that answer for one picture, a row an object: by their types and dimensions, whatever they are called.</summary>
/// <param name="Boxes">[n, 4]</param>
/// <param name="Labels">[n], whole numbers</param>
/// <param name="Scores">[n]</param>
/// <param name="Masks">[n, 1, h, w]; null where there are none.</param>
/// <param name="Keypoints">[n, K, 3], x, y and a third number; null where there are none.</param>
/// <param name="KeypointScores">[n, K]; null where there are none.</param>
/// <param name="PictureSize">[2], whole numbers: the size of the picture that went in; null where there is none.</param>
internal sealed record RowOutputs(GraphTensor Boxes, GraphTensor Labels, GraphTensor Scores, GraphTensor? Masks, GraphTensor? Keypoints, GraphTensor? KeypointScores,
    GraphTensor? PictureSize)
{
    /// <summary>Names and shapes, for people.</summary>
    public string Text => string.Join(", ", new[] { Boxes, Labels, Scores, Masks, Keypoints, KeypointScores }.OfType<GraphTensor>().Select(tensor => $"{tensor.Name} {tensor.ShapeText}"));

    /// <summary>Finds them; null when the outputs are others, or could be either of two.</summary>
    public static RowOutputs? Of(GraphDescription graph)
    {
        GraphTensor? boxes = null, labels = null, scores = null, masks = null, keypoints = null, keypointScores = null, size = null;
        foreach (var output in graph.Outputs)
        {
            // Exports leave out shapes of what comes out of a suppression now and then; names help then.
            var real = output.Type is TensorElementType.Float or TensorElementType.Float16;
            var fits = output switch
            {
                { Shape: [2] } when !real => Take(ref size),
                { Shape: null or [_] } when !real => Take(ref labels),
                _ when !real => false,
                { Shape: [_, _, 3] } => Take(ref keypoints),
                { Shape: [_, _, _] } when Mentions("keypoints") => Take(ref keypoints),
                { Shape: null or [_, _] } when Mentions("keypoints") && Mentions("scores") => Take(ref keypointScores),
                { Shape: [_, not (4 or -1)] } => Take(ref keypointScores),
                { Shape: [_, 4 or -1] } => Take(ref boxes),
                { Shape: [_] } => Take(ref scores),
                { Shape: [_, 1 or -1, _, _] } => Take(ref masks),
                { Shape: null } => Mentions("keypoints") ? Take(ref keypoints) : Mentions("boxes") ? Take(ref boxes) : Mentions("scores") ? Take(ref scores) : Mentions("masks") && Take(ref masks),
                _ => false,
            };
            if (!fits)
                return null;

            bool Mentions(string part) => output.Name.Contains(part, StringComparison.OrdinalIgnoreCase);

            bool Take(ref GraphTensor? place)
            {
                if (place is not null)
                    return false;
                place = output;
                return true;
            }
        }

        if (keypointScores is not null && keypoints is null)
            return null;
        return boxes is not null && labels is not null && scores is not null ? new RowOutputs(boxes, labels, scores, masks, keypoints, keypointScores, size) : null;
    }

    /// <summary>
    /// The keypoints as Mask R-CNN's kin give them: x, y in input pixels. torchvision has their scores, logits, in an output of their own and ones beside the
    /// places; Detectron2 has probabilities beside them. Null where there are none.
    /// </summary>
    public KeypointSpec? ToKeypoints() => Keypoints is null
        ? null
        : new KeypointSpec
        {
            Part = new TensorPart { Outputs = [Keypoints.Name], Axes = "npc" },
            Dimensions = 3,
            Scores = KeypointScores is null ? null : new TensorPart { Outputs = [KeypointScores.Name], Axes = "nc", Activation = Activation.Sigmoid },
            Names = Keypoints.Side(1) is { } count && count == HumanKeypoints.Coco.Count ? HumanKeypoints.Coco : [],
        };
}
