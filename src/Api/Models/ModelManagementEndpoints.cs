using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Serve.Api.Access;
using Serve.Api.Leaderboards;
using Serve.Api.Problems;
using Serve.Eval;
using Serve.Inference.Repository;

namespace Serve.Api.Models;

/// <summary>Changes the models of this server while it runs.</summary>
internal static class ModelManagementEndpoints
{
    public static void MapModelManagement(this RouteGroupBuilder models)
    {
        var group = models.MapGroup("/{name}").Require(Role.Administrator)
            .AddEndpointFilter((context, next) => context.HttpContext.RequestServices.GetRequiredService<ModelManagementRule>().InvokeAsync(context, next))
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapPut("/versions/{version:int}", Put).WithName("PutModel").DisableAntiforgery()
            .AddOpenApiOperationTransformer(ModelUploadDescription.Describe).AddOpenApiOperationTransformer(ModelUploadDescription.DescribeConditions)
            .Produces<ModelDocument>(StatusCodes.Status201Created).Produces<ModelDocument>()
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity).ProducesProblem(StatusCodes.Status507InsufficientStorage);

        var existing = group.MapGroup("").ProducesProblem(StatusCodes.Status404NotFound);
        foreach (var delete in (RouteHandlerBuilder[])[
            existing.MapDelete("/", Delete).WithName("DeleteModel"), existing.MapDelete("/versions/{version:int}", DeleteVersion).WithName("DeleteModelVersion")])
            delete.AddOpenApiOperationTransformer(ModelUploadDescription.DescribeConditions).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed)
                .ProducesProblem(StatusCodes.Status507InsufficientStorage);
        foreach (var load in (RouteHandlerBuilder[])[
            existing.MapPost("/load", Load).WithName("LoadModel"), existing.MapPost("/versions/{version:int}/load", LoadVersion).WithName("LoadModelVersion")])
            load.ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        foreach (var unload in (RouteHandlerBuilder[])[
            existing.MapPost("/unload", Unload).WithName("UnloadModel"), existing.MapPost("/versions/{version:int}/unload", UnloadVersion).WithName("UnloadModelVersion")])
            unload.ProducesProblem(StatusCodes.Status409Conflict);
    }

    /// <summary>Puts a version of a model on this server, new or in the place of another.</summary>
    /// <remarks>
    /// The body is the ONNX file, or a form with `model.onnx` and what belongs to it. It is written beside the models, opened and warmed up before it takes its
    /// place and answers; requests in flight finish on the version that they began with. When it cannot be served, what was there stays. Putting the same files
    /// again changes nothing.
    /// </remarks>
    /// <param name="name">Name of the model.</param>
    /// <param name="version">The version, 1 and up.</param>
    /// <param name="sha256">SHA-256 that the ONNX file must have, hexadecimal.</param>
    /// <param name="request">The request.</param>
    /// <param name="models">The models.</param>
    /// <param name="upload">Reads the body.</param>
    /// <param name="descriptions">Writes the description.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Results<Ok<ModelDocument>, Created<ModelDocument>>> Put(
        string name, int version, string? sha256, HttpRequest request, ModelRepository models, ModelUpload upload, ModelDescriptions descriptions, CancellationToken ct)
    {
        if (SubmittedModels.IsOne(name))
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"\"{name}\" is such a name as models get that are submitted to leaderboards; choose another.");
        var write = upload.Of(request, sha256);
        var put = await StorageFaults.TellAsync(async () =>
        {
            try
            {
                return await models.PutAsync(name, version, write, ConditionOf(request), ct);
            }
            catch (ModelUnavailableException fault)
            {
                throw new RequestRefusedException(StatusCodes.Status507InsufficientStorage, fault.Message) { Cause = "no-room" };
            }
            catch (InvalidInputException fault) when (fault is not (RequestRefusedException or ModelConflictException))
            {
                throw new RequestRefusedException(StatusCodes.Status422UnprocessableEntity, fault.Message) { Cause = "broken-model" };
            }
        });
        var document = descriptions.Of(put.Version, models, request.HttpContext.Response);
        return put.Outcome == PutOutcome.Created ? TypedResults.Created($"/v1/models/{name}/versions/{version}", document) : TypedResults.Ok(document);
    }

    /// <summary>Deletes a model with all its versions. Requests in flight finish first.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="request">The request.</param>
    /// <param name="models">The models.</param>
    /// <param name="ct">Cancels.</param>
    internal static Task<NoContent> Delete(string name, HttpRequest request, ModelRepository models, CancellationToken ct) => DeleteAsync(name, null, request, models, ct);

    /// <summary>Deletes a version of a model. Requests in flight finish first.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="version">The version.</param>
    /// <param name="request">The request.</param>
    /// <param name="models">The models.</param>
    /// <param name="ct">Cancels.</param>
    internal static Task<NoContent> DeleteVersion(string name, int version, HttpRequest request, ModelRepository models, CancellationToken ct)
        => DeleteAsync(name, version, request, models, ct);

    /// <summary>Loads a model, or loads it anew from its files; what answered before goes on until the new one is warm, and stays when that fails.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="models">The models.</param>
    /// <param name="descriptions">Writes the description.</param>
    /// <param name="response">Gets the version's tag.</param>
    /// <param name="ct">Ends the waiting; the load goes on.</param>
    internal static Task<Ok<ModelDocument>> Load(string name, ModelRepository models, ModelDescriptions descriptions, HttpResponse response, CancellationToken ct)
        => LoadAsync(name, null, models, descriptions, response, ct);

    /// <summary>Loads a version of a model, or loads it anew from its files.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="version">The version.</param>
    /// <param name="models">The models.</param>
    /// <param name="descriptions">Writes the description.</param>
    /// <param name="response">Gets the version's tag.</param>
    /// <param name="ct">Ends the waiting; the load goes on.</param>
    internal static Task<Ok<ModelDocument>> LoadVersion(
        string name, int version, ModelRepository models, ModelDescriptions descriptions, HttpResponse response, CancellationToken ct)
        => LoadAsync(name, version, models, descriptions, response, ct);

    /// <summary>Takes a model out of memory once its requests are done, and keeps it out until it is loaded by request.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="models">The models.</param>
    /// <param name="ct">Ends the waiting; the unloading goes on.</param>
    internal static async Task<NoContent> Unload(string name, ModelRepository models, CancellationToken ct)
    {
        await models.UnloadAsync(name, null, ct);
        return TypedResults.NoContent();
    }

    /// <summary>Takes a version of a model out of memory once its requests are done, and keeps it out until it is loaded by request.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="version">The version.</param>
    /// <param name="models">The models.</param>
    /// <param name="ct">Ends the waiting; the unloading goes on.</param>
    internal static async Task<NoContent> UnloadVersion(string name, int version, ModelRepository models, CancellationToken ct)
    {
        await models.UnloadAsync(name, version, ct);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> DeleteAsync(string name, int? version, HttpRequest request, ModelRepository models, CancellationToken ct)
    {
        await StorageFaults.TellAsync(async () =>
        {
            await models.DeleteAsync(name, version, ConditionOf(request), ct);
            return true;
        });
        return TypedResults.NoContent();
    }

    private static async Task<Ok<ModelDocument>> LoadAsync(
        string name, int? version, ModelRepository models, ModelDescriptions descriptions, HttpResponse response, CancellationToken ct)
    {
        await models.LoadAsync(name, version, ct);
        return TypedResults.Ok(descriptions.Of(models.Find(name, version), models, response));
    }

    private static PutCondition ConditionOf(HttpRequest request)
    {
        var (match, noneMatch) = (TagsOf(request.Headers.IfMatch, "If-Match"), TagsOf(request.Headers.IfNoneMatch, "If-None-Match"));
        if (noneMatch is not (null or [{ Tag.Value: "*" }]))
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"If-None-Match is {request.Headers.IfNoneMatch}; here only * is read: put where there is nothing yet.");
        return match is [{ Tag.Value: "*" }]
            ? new PutCondition(OnlyNew: noneMatch is not null, OnlyOld: true)
            // A weak tag matches nothing (RFC 9110, 13.1.1).
            : new PutCondition(match is null ? null : [.. match.Where(tag => !tag.IsWeak).Select(tag => tag.Tag.ToString().Trim('"'))], noneMatch is not null);
    }

    /// <summary>The tags of a condition; null where there is none. One that cannot be read must not count as none.</summary>
    private static IList<EntityTagHeaderValue>? TagsOf(StringValues header, string name)
    {
        if (header.Count == 0)
            return null;
        return EntityTagHeaderValue.TryParseStrictList([.. header.OfType<string>()], out var tags) && tags.Count > 0
            ? tags
            : throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"{name} is {header}; expected *, or tags as the ETag of a version has them, each in double quotes.");
    }
}
