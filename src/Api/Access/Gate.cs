using Microsoft.AspNetCore.Authorization;
using Serve.Api.Problems;
using Serve.Api.Telemetry;

namespace Serve.Api.Access;

/// <summary>
/// Finds a request's caller by its key, and refuses what is beyond the caller's role. A few lines of our own: with ASP.NET's authentication and policies a detect
/// request left more garbage than GarbageTests allows.
/// </summary>
internal sealed class Gate(RequestDelegate next, AccessRule access, KeyRing keys, DetectMetrics metrics)
{
    /// <summary>The header for clients that cannot set <c>Authorization</c>.</summary>
    public const string KeyHeader = "X-Api-Key";

    private const string Bearer = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        if (RoleNeeded(context.GetEndpoint()) is not { } needed)
            return next(context);
        var given = KeyOf(context.Request);
        // Where no key is needed, what is none of ours may be a gateway's and tells clients apart for the rate; one of ours counts.
        if (!access.NeedsKeys && (given is null || !ApiKey.IsOne(given)))
        {
            context.Features.Set(Caller.Local);
            return next(context);
        }
        return given is null ? RefuseStranger(context, "A key is needed.", isGiven: false) : CheckAsync(context, given, needed);
    }

    private async Task CheckAsync(HttpContext context, string given, Role needed)
    {
        var (caller, refusal) = await keys.CheckAsync(given, context.RequestAborted);
        if (caller is null)
        {
            await RefuseStranger(context, refusal!, isGiven: true);
            return;
        }
        context.Features.Set(caller);
        await (caller.Role >= needed ? next(context) : RefuseRole(context, caller, needed));
    }

    private Task RefuseStranger(HttpContext context, string cause, bool isGiven)
    {
        metrics.Rejected("unauthenticated");
        context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"serve\"{(isGiven ? ", error=\"invalid_token\"" : "")}";
        return Problem.WriteAsync(context, StatusCodes.Status401Unauthorized,
            $"{cause} Send one as \"Authorization: Bearer KEY\" or in the header {KeyHeader}; whoever runs the server makes keys.");
    }

    private Task RefuseRole(HttpContext context, Caller caller, Role needed)
    {
        metrics.Rejected("forbidden");
        return Problem.WriteAsync(context, StatusCodes.Status403Forbidden,
            $"{context.Request.Method} {context.Request.Path} needs the role {needed.Name()}; the key \"{caller.Name}\" has the role {caller.Role.Name()}.",
            new Dictionary<string, object?> { ["role"] = caller.Role.Name(), ["roleNeeded"] = needed.Name() });
    }

    private static Role? RoleNeeded(Endpoint? endpoint)
    {
        if (endpoint is null || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            return null;
        Role? highest = null;
        foreach (var required in endpoint.Metadata.GetOrderedMetadata<RequiredRole>())
            highest = highest > required.Role ? highest : required.Role;
        return highest;
    }

    private static string? KeyOf(HttpRequest request)
    {
        if (request.Headers.Authorization is [{ } text] && text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return text[Bearer.Length..].Trim();
        return request.Headers[KeyHeader] is [{ Length: > 0 } key] ? key.Trim() : null;
    }
}
