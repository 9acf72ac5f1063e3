using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Access;
using Serve.Inference.Repository;

namespace Serve.Api.Models;

/// <summary>The models this server has.</summary>
internal static class ModelEndpoints
{
    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/models").WithTags("Models").Require(Role.Reader);
        group.MapGet("/", List).WithName("ListModels");
        group.MapGet("/{name}", Get).WithName("GetModel").ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/{name}/versions/{version:int}", GetVersion).WithName("GetModelVersion").ProducesProblem(StatusCodes.Status404NotFound);
        group.MapModelManagement();
        return routes;
    }

    /// <summary>Lists the models of this server, all versions.</summary>
    internal static Ok<ModelList> List(ModelRepository models, ModelDescriptions descriptions) => TypedResults.Ok(descriptions.List(models));

    /// <summary>Describes one model: where it stands, what was recognised, its passport, and what runs it.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="version">A version; without it the one that answers.</param>
    /// <param name="models">The models.</param>
    /// <param name="descriptions">Writes the description.</param>
    /// <param name="response">Gets the version's tag.</param>
    internal static Ok<ModelDocument> Get(string name, int? version, ModelRepository models, ModelDescriptions descriptions, HttpResponse response)
        => TypedResults.Ok(descriptions.Of(models.Find(name, version), models, response));

    /// <summary>Describes one version of a model.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="version">The version.</param>
    /// <param name="models">The models.</param>
    /// <param name="descriptions">Writes the description.</param>
    /// <param name="response">Gets the version's tag.</param>
    internal static Ok<ModelDocument> GetVersion(string name, int version, ModelRepository models, ModelDescriptions descriptions, HttpResponse response)
        => TypedResults.Ok(descriptions.Of(models.Find(name, version), models, response));
}
