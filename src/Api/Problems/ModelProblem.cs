using Serve.Inference.Families;

namespace Serve.Api.Problems;

/// <summary>The refusal of a picture on which a model fails.</summary>
internal static class ModelProblem
{
    /// <summary>422: the request is right, and the model makes nothing of it. The cause is the model's, and its owner has to read it.</summary>
    public static RequestRefusedException Of(ModelOutputException fault)
        => new(StatusCodes.Status422UnprocessableEntity, $"The model gave no detections for this picture. {fault.Message}");
}
