using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Hosting;
using Serve.Inference.Repository;

namespace Serve.Api.OpenInference;

/// <summary>What the protocol tells of one model.</summary>
internal static class ModelRoutes
{
    private const string Platform = "onnx_onnxv1";

    /// <summary>What a model takes and gives. A model that is not in memory is loaded for it, as its graph tells.</summary>
    public static async Task<JsonHttpResult<ModelMetadata>> Metadata(HttpContext context, ModelViews views, CancellationToken ct)
    {
        using var lease = await views.AcquireAsync(AskedModel.Of(context), ct);
        var view = lease.View;
        return TypedResults.Json(
            new ModelMetadata(view.Name, [.. views.VersionsOf(lease.Model.Passport.Name)], Platform, Tensors(view.Inputs), Tensors(view.Outputs), ModelProperties.Of(lease.Model, view)),
            OpenInferenceJson.Default.ModelMetadata);
    }

    /// <summary>Whether a model answers: 200, or 503 with why not. One that would be loaded by the first request is loaded by this one.</summary>
    public static async Task<JsonHttpResult<ModelHealth>> Ready(HttpContext context, ModelViews views, ServeFolders folders, CancellationToken ct)
    {
        var asked = AskedModel.Of(context);
        var version = views.Find(asked);
        if (version.State is ModelState.Loading or ModelState.Unloading or ModelState.Failed)
            return NotReady(context, asked, version.Reason.Length > 0 ? folders.WithoutPaths(version.Reason) : $"The model is {version.State.ToString().ToLowerInvariant()}.");
        try
        {
            using var lease = await views.AcquireAsync(asked, ct);
            return TypedResults.Json(new ModelHealth(asked.Name, true), OpenInferenceJson.Default.ModelHealth);
        }
        catch (ModelUnavailableException fault)
        {
            return NotReady(context, asked, folders.WithoutPaths(fault.Message));
        }
    }

    /// <summary>A model's configuration, in the words of the extension.</summary>
    public static async Task<JsonHttpResult<ModelConfiguration>> Configuration(HttpContext context, ModelViews views, CancellationToken ct)
    {
        using var lease = await views.AcquireAsync(AskedModel.Of(context), ct);
        var view = lease.View;
        // The batch is set apart only where every tensor has it as its first, free side.
        var isBatched = view is RawView && lease.Model.MaxBatch > 1 && view.Inputs.Concat(view.Outputs).All(tensor => tensor.Forms[0].Shape is [-1, ..]);
        var skip = isBatched ? 1 : 0;
        return TypedResults.Json(
            new ModelConfiguration(
                view.Name, "onnxruntime_onnx", "onnxruntime", new VersionPolicyDocument(new SpecificVersions([view.Version])), isBatched ? lease.Model.MaxBatch : 0,
                Tensors(view.Inputs, skip), Tensors(view.Outputs, skip), isBatched ? new DynamicBatchingDocument() : null),
            OpenInferenceJson.Default.ModelConfiguration);
    }

    private static JsonHttpResult<ModelHealth> NotReady(HttpContext context, AskedModel asked, string reason)
    {
        context.Response.Headers.RetryAfter = "1";
        return TypedResults.Json(new ModelHealth(asked.Name, false, reason), OpenInferenceJson.Default.ModelHealth, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static TensorMetadata[] Tensors(IReadOnlyList<ViewTensor> tensors)
        => [.. tensors.Select(tensor => new TensorMetadata(tensor.Name, tensor.Forms[0].Datatype.Name(), tensor.Forms[0].Shape ?? [-1]))];

    private static TensorConfiguration[] Tensors(IReadOnlyList<ViewTensor> tensors, int skip)
        => [.. tensors.Select(tensor => new TensorConfiguration(tensor.Name, $"TYPE_{ConfigurationType(tensor.Forms[0].Datatype)}", [.. (tensor.Forms[0].Shape ?? [-1]).Skip(skip)]))];

    private static string ConfigurationType(TensorDatatype type) => type == TensorDatatype.Bytes ? "STRING" : type.Name();
}
