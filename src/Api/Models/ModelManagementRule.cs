using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Serve.Api.Hosting;
using Serve.Api.Problems;

namespace Serve.Api.Models;

/// <summary>
/// Who may change the models over HTTP: whoever runs the server said so, or the server can be reached from this machine only. Web pages of other origins may not,
/// which a browser on this machine would otherwise let them.
/// </summary>
internal sealed class ModelManagementRule(IOptions<ServeOptions> options, IServer server, ILogger<ModelManagementRule> log) : IEndpointFilter
{
    /// <inheritdoc/>
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (Refusal(request) is { } cause)
            throw new RequestRefusedException(StatusCodes.Status403Forbidden, cause);
        ModelLog.Managed(log, context.HttpContext.Connection.RemoteIpAddress, request.Method, request.Path);
        return next(context);
    }

    private string? Refusal(HttpRequest request)
    {
        const string enable = "set Serve:ManageModels=true (SERVE__MANAGEMODELS=true) to allow it";
        if (options.Value.ManageModels == false)
            return $"Models cannot be changed over HTTP on this server: Serve:ManageModels is false; {enable}.";
        if (options.Value.ManageModels is null && !(ListensOnLoopback() && IsLoopback(request.Host.Host)))
            return $"Models cannot be changed over HTTP, because this server can be reached from other machines; {enable} to all who reach it.";
        if (request.Headers.Origin is [{ Length: > 0 } origin] && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority == request.Host.Value))
            return $"Pages of {origin} cannot change the models of this server.";
        return null;
    }

    private bool ListensOnLoopback()
        => (server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []).All(address => IsLoopback(BindingAddress.Parse(address).Host));

    private static bool IsLoopback(string host)
        => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
