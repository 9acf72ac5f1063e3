using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Access;

namespace Serve.Api.Datasets;

/// <summary>The datasets this server evaluates on.</summary>
internal static class DatasetEndpoints
{
    public static IEndpointRouteBuilder MapDatasets(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/datasets").WithTags("Datasets").Require(Role.Reader);
        group.MapGet("/", List).WithName("ListDatasets");
        group.MapGet("/{name}", Get).WithName("GetDataset").ProducesProblem(StatusCodes.Status404NotFound);
        return routes;
    }

    /// <summary>Lists the datasets of this server with their splits, counts and categories.</summary>
    internal static async Task<Ok<DatasetList>> List(DatasetCatalogue datasets, CancellationToken ct)
    {
        var list = new List<DatasetSummary>();
        foreach (var name in datasets.Names)
            list.Add(await datasets.DescribeAsync(name, ct));
        return TypedResults.Ok(new DatasetList(list));
    }

    /// <summary>Describes one dataset.</summary>
    /// <param name="name">Name of the dataset.</param>
    /// <param name="datasets">The datasets.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<DatasetSummary>> Get(string name, DatasetCatalogue datasets, CancellationToken ct)
        => TypedResults.Ok(await datasets.DescribeAsync(name, ct));
}
