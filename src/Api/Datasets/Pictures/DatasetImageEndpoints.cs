using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using Serve.Api.Access;
using Serve.Api.Documents;
using Serve.Api.Problems;
using Serve.Inference.Pictures;

namespace Serve.Api.Datasets.Pictures;

/// <summary>Images of datasets and their pictures.</summary>
internal static class DatasetImageEndpoints
{
    private const int DefaultLimit = 50;
    private const int MostLimit = 500;
    private const string Caching = "private, max-age=3600";

    public static void MapDatasetImages(this RouteGroupBuilder dataset)
    {
        dataset.MapGet("/{name}/images", List).WithName("ListDatasetImages").ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        dataset.MapGet("/{name}/images/{id}", Get).WithName("GetDatasetPicture").AddOpenApiOperationTransformer(DescribePicture)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
    }

    /// <summary>Lists the images of a split, with their annotations for those who may see them.</summary>
    /// <param name="name">Name of the dataset.</param>
    /// <param name="split">Its split; without it `test` where there is one, else the only one.</param>
    /// <param name="version">Number of its version; without it the current one.</param>
    /// <param name="masks">Whether masks are wanted too; without it boxes only.</param>
    /// <param name="offset">Place of the first to list, from 0.</param>
    /// <param name="limit">At most so many, 1..500; 50 without it.</param>
    /// <param name="context">The request.</param>
    /// <param name="images">The images.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<DatasetImageList>> List(
        string name, string? split, int? version, bool? masks, int? offset, int? limit, HttpContext context, DatasetImages images, CancellationToken ct)
    {
        if (offset < 0)
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"offset\": {offset} is below 0.");
        if (limit is not (null or >= 1 and <= MostLimit))
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"limit\": {limit} is not between 1 and {MostLimit}.");
        return TypedResults.Ok(await images.ListAsync(name, split, version, masks ?? false, offset ?? 0, limit ?? DefaultLimit, context.Caller, ct));
    }

    /// <summary>The picture of an image.</summary>
    /// <remarks>The file as it is, or with `width` a JPEG scaled down to it; a picture that is smaller comes as it is. `If-None-Match` with the answer's `ETag` is answered 304.</remarks>
    /// <param name="name">Name of the dataset.</param>
    /// <param name="id">Id of the image.</param>
    /// <param name="split">Its split; without it `test` where there is one, else the only one.</param>
    /// <param name="version">Number of the dataset's version; without it the current one.</param>
    /// <param name="width">Width in pixels, 1..4096.</param>
    /// <param name="context">The request.</param>
    /// <param name="images">The images.</param>
    /// <param name="pictures">Their pictures.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Results<PhysicalFileHttpResult, FileContentHttpResult, StatusCodeHttpResult>> Get(
        string name, long id, string? split, int? version, int? width, HttpContext context, DatasetImages images, DatasetPictures pictures, CancellationToken ct)
    {
        if (width is not (null or >= 1 and <= DatasetPictures.LargestWidth))
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"width\": {width} is not between 1 and {DatasetPictures.LargestWidth}.");
        var (opened, image) = await images.FindAsync(name, id, split, version, context.Caller, ct);
        var chosen = DatasetPictures.Choose(opened.Folder, image, width);
        var (tag, headers) = (EntityTagHeaderValue.Parse(chosen.Tag), context.Response.Headers);
        headers.CacheControl = Caching;
        // What lies in a dataset was sent by somebody: it is a picture or nothing.
        headers.XContentTypeOptions = "nosniff";
        if (chosen.Width is not { } scaled)
            return TypedResults.PhysicalFile(chosen.Path, chosen.MediaType, entityTag: tag);
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false)))
        {
            headers.ETag = chosen.Tag;
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }
        return TypedResults.Bytes(await pictures.ScaleAsync(chosen.Path, scaled, ct), chosen.MediaType, entityTag: tag);
    }

    private static Task DescribePicture(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        operation.Responses ??= [];
        operation.Responses["200"] = new OpenApiResponse
        {
            Description = "The picture.",
            Content = PictureDecoder.MediaTypes.ToDictionary(type => type, _ => new OpenApiMediaType { Schema = ApiDescription.Binary("The picture.") }),
        };
        ApiDescription.AddHeader(operation, "200", "ETag", "Changes when the picture does.");
        return Task.CompletedTask;
    }
}
