using Microsoft.Extensions.Options;
using Serve.Api.Access;
using Serve.Api.Hosting;
using Serve.Api.Problems;

namespace Serve.Api.Models;

/// <summary>
/// Who may change the models over HTTP: administrators with their keys; where no key is needed, everybody if whoever runs the server said so or the server can be
/// reached from this machine only. Web pages of other origins may not, which a browser on this machine would otherwise let them.
/// </summary>
internal sealed class ModelManagementRule(IOptions<ServeOptions> options, AccessRule access, ILogger<ModelManagementRule> log) : IEndpointFilter
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

    /// <summary>Why a request may not change the models; null when it may, as far as its role allows it.</summary>
    public string? Refusal(HttpRequest request)
    {
        const string enable = "set Serve:ManageModels=true (SERVE__MANAGEMODELS=true) to allow it";
        if (options.Value.ManageModels == false)
            return $"Models cannot be changed over HTTP on this server: Serve:ManageModels is false; {enable}.";
        if (options.Value.ManageModels is null && request.HttpContext.Caller.KeyId is null && !access.IsFromThisMachine(request))
            return $"Models cannot be changed over HTTP, because this server can be reached from other machines; {enable} to all who reach it.";
        if (AccessRule.ForeignPage(request) is { } origin)
            return $"Pages of {origin} cannot change the models of this server.";
        return null;
    }
}
