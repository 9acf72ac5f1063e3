using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Inference.Models;

namespace Serve.Api.Models;

/// <summary>Writes the files of an uploaded model to disk as they arrive, never more than is allowed.</summary>
internal sealed class ModelUpload(IOptions<ServeOptions> options)
{
    private static readonly string[] Supported = ["application/octet-stream", "multipart/form-data"];
    private const int MostFiles = 1000;
    private const int LongestBoundary = 128;
    private const string Allowed = "Send the ONNX file as the body (Content-Type: application/octet-stream), or a form (multipart/form-data) with model.onnx and the files that belong to it.";

    /// <summary>What writes the request's files into a folder.</summary>
    /// <exception cref="RequestRefusedException">400, 413 or 415 with the cause; also from what is returned.</exception>
    public Func<string, CancellationToken, Task> Of(HttpRequest request, string? sha256)
    {
        var expected = UploadDigest.Expected(request, sha256);
        var boundary = BoundaryOf(request);
        LimitBody(request);
        return async (folder, ct) =>
        {
            var graph = Path.Combine(folder, DetectionModel.GraphFileName);
            if (boundary is null)
                await WriteAsync(request.Body, graph, ct);
            else
                await WriteFormAsync(request.Body, boundary, folder, ct);
            await UploadDigest.RequireAsync(graph, expected, ct);
        };
    }

    private static string? BoundaryOf(HttpRequest request)
    {
        if (string.IsNullOrEmpty(request.ContentType))
            return null;
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            if (type.MediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase) || type.MediaType.Equals("application/onnx", StringComparison.OrdinalIgnoreCase))
                return null;
            if (type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
                return HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= LongestBoundary } boundary ? boundary : throw Malformed("the content type has no boundary");
        }

        throw new RequestRefusedException(StatusCodes.Status415UnsupportedMediaType, $"The content type \"{request.ContentType}\" is not read here. {Allowed}")
            .With("supported", Supported);
    }

    private void LimitBody(HttpRequest request)
    {
        var limit = options.Value.MaxModelBytes;
        if (request.ContentLength > limit)
            throw new RequestRefusedException(StatusCodes.Status413PayloadTooLarge, $"The body has {request.ContentLength:N0} bytes; at most {limit:N0} are allowed.")
                .With("maxBytes", limit);
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = limit;
    }

    private static async Task WriteFormAsync(Stream body, string boundary, string folder, CancellationToken ct)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        try
        {
            var reader = new MultipartReader(boundary, body);
            while (await reader.ReadNextSectionAsync(ct) is { } section)
            {
                var name = UploadedFileName.Of(section);
                if (names.FirstOrDefault(other => IsBelow(name, other) || IsBelow(other, name)) is { } taken)
                    throw Refused($"The form holds the files \"{taken}\" and \"{name}\": a file cannot be a folder as well.");
                if (!names.Add(name))
                    throw Refused($"The form holds two files \"{name}\".");
                if (names.Count > MostFiles)
                    throw Refused($"The form holds more than the {MostFiles:N0} files that are allowed.");
                var path = Path.Combine(folder, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await WriteAsync(section.Body, path, ct);
            }
        }
        catch (InvalidDataException fault)
        {
            throw Malformed(fault.Message.TrimEnd('.'));
        }
        catch (IOException fault) when (fault.Message.StartsWith("Unexpected end of Stream", StringComparison.Ordinal))
        {
            throw Malformed("it ends before its last boundary");
        }

        NameGraph(folder, names);
    }

    /// <summary>A form with one ONNX file means that one, whatever it is called.</summary>
    private static void NameGraph(string folder, HashSet<string> names)
    {
        if (names.Contains(DetectionModel.GraphFileName))
            return;
        string[] graphs = [.. names.Where(name => name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))];
        if (graphs is not [var only])
            throw Refused($"The form holds {graphs.Length} ONNX files and none named {DetectionModel.GraphFileName}. {Allowed}");
        File.Move(Path.Combine(folder, only), Path.Combine(folder, DetectionModel.GraphFileName));
    }

    private static bool IsBelow(string name, string folder)
        => name.Length > folder.Length && name[folder.Length] == Path.DirectorySeparatorChar && name.StartsWith(folder, StringComparison.OrdinalIgnoreCase);

    private static async Task WriteAsync(Stream source, string path, CancellationToken ct)
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        await source.CopyToAsync(file, 1 << 17, ct);

        // Its place is taken by a rename, which must not outlive a power cut that its bytes do not.
        file.Flush(flushToDisk: true);
    }

    private static RequestRefusedException Refused(string cause) => new(StatusCodes.Status400BadRequest, cause);

    private static RequestRefusedException Malformed(string cause) => Refused($"The multipart form is malformed: {cause}.");
}
