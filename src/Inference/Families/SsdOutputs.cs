using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>The outputs of detectors of SSD's kind, by their dimensions: class scores with a background, and boxes, at the same N locations.</summary>
/// <param name="Scores">[B, N, C]</param>
/// <param name="Boxes">[B, N, 4]</param>
/// <param name="Landmarks">[B, N, 10]; null where there are none.</param>
internal sealed record SsdOutputs(GraphTensor Scores, GraphTensor Boxes, GraphTensor? Landmarks)
{
    /// <summary>Finds them; null when the outputs are others.</summary>
    public static SsdOutputs? Of(GraphDescription graph)
    {
        if (graph.Outputs.Count is not (2 or 3) || graph.Outputs.Any(output => output.Type is not (TensorElementType.Float or TensorElementType.Float16) || output.Shape is not [_, _, > 1]))
            return null;
        var boxes = graph.Outputs.Where(output => output.Side(2) == 4).ToList();
        // With three categories scores have four channels too; names tell then.
        var box = boxes.Count == 1 ? boxes[0] : boxes.FirstOrDefault(output => output.Name.Contains("box", StringComparison.OrdinalIgnoreCase));
        var rest = graph.Outputs.Where(output => output != box).ToList();
        var landmarks = rest.Count == 2 ? rest.FirstOrDefault(output => output.Side(2) == 10) : null;
        var scores = rest.FirstOrDefault(output => output != landmarks);
        return box is null || scores is null || rest.Count - (landmarks is null ? 0 : 1) != 1 || scores.Side(1) is not { } locations || box.Side(1) != locations
            ? null
            : new SsdOutputs(scores, box, landmarks);
    }

    /// <summary>True when boxes are corners as fractions of the sides, by the values of a run: left before right, top before bottom, none far outside.</summary>
    public static bool AreCorners(float[] boxes)
    {
        var wrong = 0;
        for (var i = 0; i + 4 <= boxes.Length; i += 4)
        {
            if (!(boxes[i] <= boxes[i + 2] && boxes[i + 1] <= boxes[i + 3] && boxes[i] > -2 && boxes[i + 1] > -2 && boxes[i + 2] < 3 && boxes[i + 3] < 3))
                wrong++;
        }

        // Deltas are out of order at three of four locations or so.
        return wrong * 4 < boxes.Length / 10;
    }

    /// <summary>True when the scores of every location add up to one: a softmax, with the background among its classes.</summary>
    public static bool AreProbabilities(float[] scores, int channels)
    {
        for (var i = 0; i + channels <= scores.Length; i += channels)
        {
            var sum = 0.0;
            foreach (var score in scores.AsSpan(i, channels))
                sum += score >= 0 ? score : double.NaN;
            if (!(Math.Abs(sum - 1) < 1e-3))
                return false;
        }

        return true;
    }
}
