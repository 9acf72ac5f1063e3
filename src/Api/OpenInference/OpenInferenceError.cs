using System.Text.Encodings.Web;
using System.Text.Json;
using Serve.Api.Problems;
using Serve.Api.Wire;

namespace Serve.Api.OpenInference;

/// <summary>The protocol's error object: <c>{"error", "code", "trace_id"}</c>. Clients read the first; the code is a word that does not change.</summary>
internal static class OpenInferenceError
{
    // Quotes and letters of all languages as they are: this is JSON for programs and people, not a part of a page.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether errors at a path are written so, and not as problem documents.</summary>
    public static bool Covers(PathString path) => path.StartsWithSegments("/v2");

    /// <summary>Writes the object.</summary>
    /// <param name="context">The request that is answered.</param>
    /// <param name="status">The status.</param>
    /// <param name="message">What was given, what is allowed, what to do.</param>
    /// <param name="extensions">A <c>code</c> in the place of the status's own; other members are for problem documents.</param>
    public static async Task WriteAsync(HttpContext context, int status, string message, IDictionary<string, object?>? extensions = null)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        if (status == StatusCodes.Status415UnsupportedMediaType)
            response.Headers.AcceptEncoding = RequestBody.Encodings;
        if (status == StatusCodes.Status503ServiceUnavailable && response.Headers.RetryAfter.Count == 0)
            response.Headers.RetryAfter = "1";
        using var json = new PooledBytes();
        await using (var writer = new Utf8JsonWriter(json, Readable))
        {
            writer.WriteStartObject();
            writer.WriteString("error", message);
            writer.WriteString("code", extensions?.TryGetValue("code", out var code) == true && code is string word ? word : CodeOf(status));
            writer.WriteString("trace_id", RequestTrace.IdOf(context));
            writer.WriteEndObject();
        }
        response.ContentLength = json.Length;
        // To a client that has gone it is written to nowhere, which is no further fault.
        await response.BodyWriter.WriteAsync(json.Memory, CancellationToken.None);
    }

    private static string CodeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "unauthenticated",
        StatusCodes.Status403Forbidden => "forbidden",
        StatusCodes.Status404NotFound => "not_found",
        StatusCodes.Status405MethodNotAllowed => "method_not_allowed",
        StatusCodes.Status409Conflict => "conflict",
        StatusCodes.Status413PayloadTooLarge => "too_large",
        StatusCodes.Status415UnsupportedMediaType => "unsupported_encoding",
        StatusCodes.Status429TooManyRequests => "rate_limited",
        StatusCodes.Status501NotImplemented => "unsupported",
        StatusCodes.Status503ServiceUnavailable => "unavailable",
        StatusCodes.Status504GatewayTimeout => "timeout",
        >= StatusCodes.Status400BadRequest and < StatusCodes.Status500InternalServerError => "invalid_request",
        _ => "internal",
    };
}
