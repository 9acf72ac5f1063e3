using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Access;
using Serve.Api.Datasets.Storage;
using Serve.Api.Problems;

namespace Serve.Api.Datasets;

/// <summary>Registers and changes datasets.</summary>
internal static class DatasetManagementEndpoints
{
    public static void MapDatasetManagement(this RouteGroupBuilder datasets)
    {
        var group = datasets.MapGroup("").Require(Role.Host).ProducesProblem(StatusCodes.Status400BadRequest)
            .AddEndpointFilter((context, next) => AccessRule.ForeignPage(context.HttpContext.Request) is { } origin
                ? throw new RequestRefusedException(StatusCodes.Status403Forbidden, $"Pages of {origin} cannot change the datasets of this server.")
                : next(context));
        Registers(group.MapPost("/", Post).WithName("RegisterDataset").MakesOnce());
        Registers(group.MapPut("/{name}", Put).WithName("PutDataset").DisableAntiforgery().AddOpenApiOperationTransformer(DatasetUploadDescription.Describe))
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge);

        var existing = group.MapGroup("/{name}").ProducesProblem(StatusCodes.Status404NotFound);
        existing.MapPatch("/", Patch).WithName("ChangeDataset").ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        existing.MapDelete("/", Delete).WithName("DeleteDataset").ProducesProblem(StatusCodes.Status409Conflict);

        static RouteHandlerBuilder Registers(RouteHandlerBuilder route) => route.Produces<DatasetSummary>(StatusCodes.Status201Created).Produces<DatasetSummary>()
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status507InsufficientStorage);
    }

    /// <summary>Puts a dataset on this server: an archive of it is the body.</summary>
    /// <remarks>
    /// A zip, tar or tar.gz in any format that `serve data convert` reads. It is unpacked, checked, and written in the server's own layout before it can be used; with
    /// an error nothing is kept, and the answer lists all of them (`problems`, the first 1,000, and `problemCount`). The same files again are the same version, and
    /// others become the next one: evaluations that were asked for on an earlier one still read that.
    /// </remarks>
    /// <param name="name">Name of the dataset: up to 64 letters, digits and `. _ -`.</param>
    /// <param name="visibility">`public` or `private`: who sees what is derived from the annotations. Without it as it is, and `private` for a new dataset.</param>
    /// <param name="format">`coco`, `voc`, `yolo`, `manga109` or `waymo`; without it told from what is there.</param>
    /// <param name="description">A text about it.</param>
    /// <param name="request">The request.</param>
    /// <param name="upload">Reads the body.</param>
    /// <param name="registration">Registers datasets.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Results<Ok<DatasetSummary>, Created<DatasetSummary>>> Put(
        string name, string? visibility, string? format, string? description, HttpRequest request, DatasetUpload upload, DatasetRegistration registration, CancellationToken ct)
    {
        var caller = request.HttpContext.Caller;
        var asked = DatasetRequestCheck.Check(name, visibility, format, description);
        return Answer(await registration.RegisterAsync(asked, DatasetOrigin.Upload, upload.Of(request), caller, ct), caller);
    }

    /// <summary>Registers a folder of the server as a dataset: its files are copied.</summary>
    /// <remarks>The folder lies below one of those that `Serve:DatasetRoots` names. It is checked as an upload is.</remarks>
    /// <param name="request">The folder, and what it is to be called.</param>
    /// <param name="context">The request.</param>
    /// <param name="check">Checks the request.</param>
    /// <param name="registration">Registers datasets.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Results<Ok<DatasetSummary>, Created<DatasetSummary>>> Post(
        [Description("The folder, and what it is to be called.")] DatasetRequest request, HttpContext context, DatasetRequestCheck check, DatasetRegistration registration, CancellationToken ct)
    {
        var (asked, folder) = check.Check(request);
        return Answer(await registration.RegisterAsync(asked, DatasetOrigin.Path, (_, _) => Task.FromResult(folder), context.Caller, ct), context.Caller);
    }

    /// <summary>Changes who sees what is derived from a dataset's annotations, or its text.</summary>
    /// <param name="name">Name of the dataset.</param>
    /// <param name="change">What changes.</param>
    /// <param name="context">The request.</param>
    /// <param name="datasets">The datasets.</param>
    /// <param name="store">What is known of them.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<DatasetSummary>> Patch(string name, DatasetChange change, HttpContext context, DatasetCatalogue datasets, DatasetStore store, CancellationToken ct)
    {
        var (visibility, description) = DatasetRequestCheck.Check(change);
        await datasets.OpenAsync(name, null, ct);
        await store.ChangeAsync(name, visibility, description, context.Caller, ct);
        return TypedResults.Ok(DatasetDescriptions.Of((await datasets.OpenAsync(name, null, ct)).Known, context.Caller));
    }

    /// <summary>Deletes a dataset with all its versions. Reports of evaluations on it stay, for administrators.</summary>
    /// <param name="name">Name of the dataset.</param>
    /// <param name="context">The request.</param>
    /// <param name="registration">Registers datasets.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<NoContent> Delete(string name, HttpContext context, DatasetRegistration registration, CancellationToken ct)
    {
        await registration.DeleteAsync(name, context.Caller, ct);
        return TypedResults.NoContent();
    }

    private static Results<Ok<DatasetSummary>, Created<DatasetSummary>> Answer((KnownDataset Known, bool IsNew) registered, Caller caller)
    {
        var document = DatasetDescriptions.Of(registered.Known, caller);
        return registered.IsNew ? TypedResults.Created($"/v1/datasets/{document.Name}", document) : TypedResults.Ok(document);
    }
}
