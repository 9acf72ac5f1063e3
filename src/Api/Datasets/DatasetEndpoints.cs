using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Access;
using Serve.Api.Datasets.Pictures;

namespace Serve.Api.Datasets;

/// <summary>The datasets this server evaluates on.</summary>
internal static class DatasetEndpoints
{
    public static IEndpointRouteBuilder MapDatasets(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/datasets").WithTags("Datasets").Require(Role.Reader);
        group.MapGet("/", List).WithName("ListDatasets");
        group.MapGet("/{name}", Get).WithName("GetDataset").ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/{name}/versions", Versions).WithName("ListDatasetVersions").ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/{name}/statistics", Statistics).WithName("GetDatasetStatistics").ProducesProblem(StatusCodes.Status404NotFound);
        group.MapDatasetImages();
        group.MapDatasetManagement();
        return routes;
    }

    /// <summary>Lists the datasets of this server with their splits, counts and categories.</summary>
    /// <param name="context">The request.</param>
    /// <param name="descriptions">Describes datasets.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<DatasetList>> List(HttpContext context, DatasetDescriptions descriptions, CancellationToken ct)
        => TypedResults.Ok(await descriptions.ListAsync(context.Caller, ct));

    /// <summary>Describes one dataset.</summary>
    /// <param name="name">Name of the dataset.</param>
    /// <param name="context">The request.</param>
    /// <param name="datasets">The datasets.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<DatasetSummary>> Get(string name, HttpContext context, DatasetCatalogue datasets, CancellationToken ct)
        => TypedResults.Ok(DatasetDescriptions.Of((await datasets.OpenAsync(name, null, ct)).Known, context.Caller));

    /// <summary>Lists the versions of a dataset, the newest first.</summary>
    /// <param name="name">Name of the dataset.</param>
    /// <param name="context">The request.</param>
    /// <param name="descriptions">Describes datasets.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<DatasetVersionList>> Versions(string name, HttpContext context, DatasetDescriptions descriptions, CancellationToken ct)
        => TypedResults.Ok(await descriptions.VersionsAsync(name, context.Caller, ct));

    /// <summary>Counts what a dataset holds, and how large its objects are.</summary>
    /// <param name="name">Name of the dataset.</param>
    /// <param name="context">The request.</param>
    /// <param name="descriptions">Describes datasets.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<DatasetStatistics>> Statistics(string name, HttpContext context, DatasetDescriptions descriptions, CancellationToken ct)
        => TypedResults.Ok(await descriptions.StatisticsAsync(name, context.Caller, ct));
}
