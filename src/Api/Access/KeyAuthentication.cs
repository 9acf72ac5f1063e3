using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Serve.Api.Problems;
using Serve.Api.Telemetry;

namespace Serve.Api.Access;

/// <summary>Finds a request's caller by its key, and says what is missing where a key or a role is.</summary>
internal sealed class KeyAuthentication(AccessRule access, KeyRing keys, DetectMetrics metrics) : IAuthenticationHandler
{
    /// <summary>Name of the scheme.</summary>
    public const string Scheme = "key";

    /// <summary>The header for clients that cannot set <c>Authorization</c>.</summary>
    public const string Header = "X-Api-Key";

    private const string Bearer = "Bearer ";
    private HttpContext? _initialized;
    private string? _refusal;

    private HttpContext Context => _initialized ?? throw new InvalidOperationException("The handler has no request yet.");

    /// <inheritdoc/>
    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        _initialized = context;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<AuthenticateResult> AuthenticateAsync()
    {
        var given = KeyOf(Context.Request);
        // Where no key is needed, what is none of ours may be a gateway's and tells clients apart for the rate; one of ours counts.
        if (!access.NeedsKeys && (given is null || !ApiKey.IsOne(given)))
            return Succeed(Caller.Local);
        if (given is null)
            return AuthenticateResult.NoResult();
        var (caller, refusal) = await keys.CheckAsync(given, Context.RequestAborted);
        if (caller is not null)
            return Succeed(caller);
        _refusal = refusal;
        return AuthenticateResult.Fail(refusal!);
    }

    /// <inheritdoc/>
    public Task ChallengeAsync(AuthenticationProperties? properties)
    {
        metrics.Rejected("unauthenticated");
        Context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"serve\"{(_refusal is null ? "" : ", error=\"invalid_token\"")}";
        return Problem.WriteAsync(Context, StatusCodes.Status401Unauthorized,
            $"{_refusal ?? "A key is needed."} Send one as \"Authorization: Bearer KEY\" or in the header {Header}; whoever runs the server makes keys.");
    }

    /// <inheritdoc/>
    public Task ForbidAsync(AuthenticationProperties? properties)
    {
        metrics.Rejected("forbidden");
        var needed = Context.GetEndpoint()!.Metadata.GetOrderedMetadata<RequiredRole>().Max(required => required.Role);
        var caller = Context.Caller;
        return Problem.WriteAsync(Context, StatusCodes.Status403Forbidden,
            $"{Context.Request.Method} {Context.Request.Path} needs the role {needed.Name()}; the key \"{caller.Name}\" has the role {caller.Role.Name()}.",
            new Dictionary<string, object?> { ["role"] = caller.Role.Name(), ["roleNeeded"] = needed.Name() });
    }

    private AuthenticateResult Succeed(Caller caller)
    {
        Context.Features.Set(caller);
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, caller.Name), new Claim(ClaimTypes.Role, caller.Role.Name())], Scheme);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme));
    }

    private static string? KeyOf(HttpRequest request)
    {
        if (request.Headers.Authorization is [{ } text] && text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return text[Bearer.Length..].Trim();
        return request.Headers[Header] is [{ Length: > 0 } key] ? key.Trim() : null;
    }
}
