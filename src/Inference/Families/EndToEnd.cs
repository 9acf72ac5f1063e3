using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Eval;
using Serve.Inference.Models;

namespace Serve.Inference.Families;

/// <summary>
/// Our own exports: all is done inside the graph. Boxes [B, D, 4] xyxy in input pixels, scores [B, D], labels [B, D], -1 for an empty row.
/// </summary>
internal sealed class EndToEnd : OutputFamily
{
    /// <inheritdoc/>
    public override string Name => "end-to-end";

    /// <inheritdoc/>
    public override IReadOnlyList<FamilyOutput> Outputs(Passport passport) =>
    [
        new(passport.Outputs.Boxes, TensorElementType.Float, 3),
        new(passport.Outputs.Scores, TensorElementType.Float, 2),
        new(passport.Outputs.Labels, TensorElementType.Int64, 2),
    ];

    /// <inheritdoc/>
    public override void Decode(IReadOnlyList<OrtValue> outputs, int index, Passport passport, List<Candidate> candidates)
    {
        var allScores = outputs[1].GetTensorDataAsSpan<float>();
        var shape = outputs[1].GetTensorTypeAndShape().Shape;
        var rows = (int)shape[1];
        var allBoxes = outputs[0].GetTensorDataAsSpan<float>();
        var allLabels = outputs[2].GetTensorDataAsSpan<long>();
        if (index >= shape[0] || allBoxes.Length != allScores.Length * 4 || allLabels.Length != allScores.Length)
        {
            throw new ModelOutputException(
                $"expected {passport.Outputs.Boxes} [B, D, 4], {passport.Outputs.Scores} [B, D] and {passport.Outputs.Labels} [B, D] of one B > {index} and D, got "
                + string.Join(", ", outputs.Select(output => $"[{string.Join(", ", output.GetTensorTypeAndShape().Shape)}]")) + ".");
        }

        var scores = allScores.Slice(index * rows, rows);
        var boxes = allBoxes.Slice(index * rows * 4, rows * 4);
        var labels = allLabels.Slice(index * rows, rows);
        for (var row = 0; row < rows; row++)
        {
            if (labels[row] < 0)
                continue;
            if (labels[row] >= passport.Categories.Count)
                throw new ModelOutputException($"row {row} has label {labels[row]}; the passport lists {passport.Categories.Count} categories.");

            var (x1, y1, x2, y2) = (boxes[row * 4], boxes[row * 4 + 1], boxes[row * 4 + 2], boxes[row * 4 + 3]);
            if (!float.IsFinite(scores[row]) || !float.IsFinite(x1) || !float.IsFinite(y1) || !float.IsFinite(x2) || !float.IsFinite(y2))
                throw new ModelOutputException($"row {row} is not a number: score {scores[row]}, box ({x1}, {y1}, {x2}, {y2}).");
            candidates.Add(new Candidate((int)labels[row], scores[row], new Box(x1, y1, x2, y2)));
        }
    }
}
