using Serve.Api.Jobs;
using Serve.Api.OpenInference;

namespace Serve.Api.Problems;

/// <summary>Writes problem documents.</summary>
internal static class Problem
{
    /// <summary>
    /// Writes a problem document, or the error object of the Open Inference Protocol where that is spoken, whatever the client accepts: a client that
    /// asked for a picture is also told why there is none.
    /// </summary>
    public static Task WriteAsync(HttpContext context, int status, string detail, IDictionary<string, object?>? extensions = null)
        => OpenInferenceError.Covers(context.Request.Path) ? OpenInferenceError.WriteAsync(context, status, detail, extensions)
            : TypedResults.Problem(detail, instance: context.Request.Path, status, extensions: extensions).ExecuteAsync(context);

    /// <summary>The cause of a status that came without one.</summary>
    public static string DefaultDetail(HttpContext context)
    {
        var request = context.Request;
        return context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound when !context.RequestServices.GetRequiredService<Node>().Answers => Node.WorkerText,
            StatusCodes.Status404NotFound when OpenInferenceError.Covers(request.Path) => $"There is nothing at {request.Path}.",
            StatusCodes.Status404NotFound => $"There is nothing at {request.Path}. The document at /openapi/v1.json lists what there is.",
            StatusCodes.Status405MethodNotAllowed => $"{request.Path} does not answer {request.Method}; allowed: {context.Response.Headers.Allow}.",
            StatusCodes.Status415UnsupportedMediaType => $"The content type \"{request.ContentType}\" is not read here; send application/json.",
            _ => $"The request to {request.Path} was refused.",
        };
    }
}
