using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Access;
using Serve.Api.Models;

namespace Serve.Api.Pages;

/// <summary>Who sent a request, as the server takes it.</summary>
/// <param name="Name">Name of the key; <c>local</c> where none is needed.</param>
/// <param name="Role">Its role: <c>reader</c>, <c>submitter</c>, <c>host</c> or <c>administrator</c>.</param>
/// <param name="NeedsKey">Whether requests to this server need a key.</param>
/// <param name="ChangesModels">Whether the caller may put, delete, load and unload models.</param>
public sealed record CallerDocument(string Name, Role Role, bool NeedsKey, bool ChangesModels);

/// <summary>Tells a page, or whoever tries a key, what it may do.</summary>
internal static class CallerEndpoints
{
    public static IEndpointRouteBuilder MapCaller(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/caller", Get).WithName("GetCaller").WithTags("Access").Require(Role.Reader);
        return routes;
    }

    /// <summary>Tells who the caller is to this server, and what it may do.</summary>
    internal static Ok<CallerDocument> Get(HttpContext context, AccessRule access, ModelManagementRule models)
    {
        var caller = context.Caller;
        return TypedResults.Ok(new CallerDocument(
            caller.Name, caller.Role, access.NeedsKeys, caller.Role >= Role.Administrator && models.Refusal(context.Request) is null));
    }
}
