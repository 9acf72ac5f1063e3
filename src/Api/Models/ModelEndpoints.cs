using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Hosting;

namespace Serve.Api.Models;

/// <summary>The models this server has.</summary>
internal static class ModelEndpoints
{
    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/models").WithTags("Models");
        group.MapGet("/", List).WithName("ListModels");
        group.MapGet("/{name}", Get).WithName("GetModel").ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        return routes;
    }

    /// <summary>Lists the models of this server, all versions.</summary>
    internal static Ok<ModelList> List(ModelRegistry models, ServeFolders folders)
        => TypedResults.Ok(new ModelList(
            [.. models.Passports.Select(passport => new ModelSummary(
                passport.Name, passport.Version, passport.Family, [.. passport.Categories.Select(category => category.Name)],
                passport.Input.Width, passport.Input.Height, passport.ScoreThreshold, models.Loaded(passport) is not null))],
            models.DefaultName, [.. models.Faults.Select(folders.WithoutPaths)]));

    /// <summary>Describes one model: its passport, its device and whether it is loaded.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="version">A version; without it the highest.</param>
    /// <param name="models">The models.</param>
    internal static Ok<ModelDocument> Get(string name, int? version, ModelRegistry models)
    {
        var passport = models.Find(name, version);
        var loaded = models.Loaded(passport);
        return TypedResults.Ok(new ModelDocument(
            passport.Name, passport.Version, [.. models.Versions(name).Select(other => other.Version)],
            loaded is not null, loaded?.Device, loaded?.DeviceReason, loaded?.ContentHash, JsonDocument.Parse(passport.ToJson()).RootElement));
    }
}
