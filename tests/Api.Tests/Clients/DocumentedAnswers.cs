using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Serve.Api.Tests.Clients;

/// <summary>Lets an answer pass when it is one that the OpenAPI document tells of: its status, its media type, the shape of its JSON.</summary>
internal sealed partial class DocumentedAnswers(JsonNode document) : DelegatingHandler(new HttpClientHandler())
{
    private readonly AnswerSchema _schema = new(document);

    /// <summary>Operations whose answers were looked at, with their statuses.</summary>
    public HashSet<string> Seen { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        var status = $"{(int)response.StatusCode}";
        var operation = OperationOf(request);
        lock (Seen)
            Seen.Add($"{operation["operationId"]} {status}");
        var told = operation["responses"]![status] ?? throw new InvalidOperationException($"{operation["operationId"]} is not documented to answer {status}.");
        if (response.Content.Headers.ContentType?.MediaType is not { } type)
            return response;
        var media = told["content"]?[type] ?? throw new InvalidOperationException($"{operation["operationId"]} {status} is not documented to be {type}.");
        if (!type.EndsWith("json", StringComparison.Ordinal))
            return response;
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (_schema.Faults(JsonNode.Parse(body), media["schema"]!) is { Count: > 0 } faults)
            throw new InvalidOperationException($"{operation["operationId"]} {status}: {string.Join("; ", faults.Take(10))}");
        var contentType = response.Content.Headers.ContentType;
        response.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(contentType.MediaType!) } };
        return response;
    }

    private JsonNode OperationOf(HttpRequestMessage request)
    {
        var method = request.Method.Method.ToLowerInvariant();
        return document["paths"]!.AsObject()
            .Where(path => Regex.IsMatch(request.RequestUri!.AbsolutePath, $"^{PathParameter().Replace(path.Key, "[^/]+")}$"))
            // A path without parameters comes before one with.
            .OrderBy(path => path.Key.Contains('{')).Select(path => path.Value![method]).OfType<JsonNode>().FirstOrDefault()
            ?? throw new InvalidOperationException($"{request.Method} {request.RequestUri!.AbsolutePath} is not documented.");
    }

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex PathParameter();
}
