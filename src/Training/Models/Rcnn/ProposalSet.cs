using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>Proposals of a training batch in rectangles, without gradient. B images, P rows each; rows that do not count are not valid.</summary>
/// <param name="Boxes">[B, P, 4] float32 xyxy, input pixels, inside the valid part of the image.</param>
/// <param name="Logits">[B, P] float32 objectness, falling.</param>
/// <param name="Valid">[B, P] bool.</param>
public sealed record ProposalSet(Tensor Boxes, Tensor Logits, Tensor Valid)
{
    /// <summary>Moves the tensors to the scope outside the innermost one.</summary>
    public ProposalSet MoveToOuterDisposeScope()
    {
        foreach (var tensor in new[] { Boxes, Logits, Valid })
            tensor.MoveToOuterDisposeScope();
        return this;
    }
}

/// <summary>Proposals to detect on, traced. B images, R rows each, of which S count.</summary>
/// <param name="Boxes">[B, R, 4] float32 xyxy, input pixels.</param>
/// <param name="Places">[S, 2] int64 image and row of those that count, rising; row 0 of each image is always among them, so that S is never 0.</param>
public sealed record TracedProposals(TracedTensor Boxes, TracedTensor Places);
