using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Serve.Api.Hosting;
using Serve.Api.Problems;

namespace Serve.Api.Detection;

/// <summary>Reads the pictures of a detect request from any of its three forms, within the limits, before any of them is decoded.</summary>
internal sealed class PictureRequestReader(IOptions<ServeOptions> options)
{
    private static readonly string[] Forms = ["image/*", "application/octet-stream", "multipart/form-data", "application/json"];

    private const string Allowed =
        "Send a picture as the body (Content-Type: image/* or application/octet-stream), files as multipart/form-data, or application/json with base64.";

    /// <summary>Reads the request's pictures, one or more.</summary>
    /// <exception cref="RequestRefusedException">400, 413 or 415 with the cause.</exception>
    public async Task<IReadOnlyList<UploadedPicture>> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        var form = FormOf(request);
        LimitBody(request, form == BodyForm.Picture ? options.Value.MaxBytes : options.Value.MaxRequestBytes);
        var pictures = form switch
        {
            BodyForm.Picture => [new UploadedPicture(FileNameOf(request), await PictureBytes.ReadAsync(request.Body, request.ContentLength, Limits, "The picture", ct))],
            BodyForm.Files => await MultipartPictures.ReadAsync(request, Limits, ct),
            _ => await JsonPictures.ReadAsync(request, Limits, ct),
        };
        for (var i = 0; i < pictures.Count; i++)
            if (pictures[i].Encoded.IsEmpty)
                throw new RequestRefusedException(StatusCodes.Status400BadRequest,
                    pictures.Count == 1 ? $"The request holds no picture: its body is empty. {Allowed}" : $"images[{i}]: the file is empty.").With("index", i);
        return pictures;
    }

    private ServeOptions Limits => options.Value;

    private static BodyForm FormOf(HttpRequest request)
    {
        if (string.IsNullOrEmpty(request.ContentType))
            return BodyForm.Picture;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            throw new RequestRefusedException(StatusCodes.Status415UnsupportedMediaType, $"The content type \"{request.ContentType}\" is not a media type. {Allowed}");
        if (type.Type.Equals("image", StringComparison.OrdinalIgnoreCase) || Is(type, "application/octet-stream"))
            return BodyForm.Picture;
        if (Is(type, "multipart/form-data"))
            return BodyForm.Files;
        if (Is(type, "application/json") || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
            return BodyForm.Json;
        // What curl sends with --data-binary unless told otherwise: worth its own words.
        var hint = Is(type, "application/x-www-form-urlencoded") ? " With curl: -F image=@FILE, or --data-binary @FILE -H 'Content-Type: image/jpeg'." : "";
        throw new RequestRefusedException(StatusCodes.Status415UnsupportedMediaType, $"The content type \"{type.MediaType}\" is not read here. {Allowed}{hint}")
            .With("supported", Forms);
    }

    private static void LimitBody(HttpRequest request, int limit)
    {
        if (request.ContentLength > limit)
            throw new RequestRefusedException(StatusCodes.Status413PayloadTooLarge,
                $"The body has {request.ContentLength:N0} bytes; at most {limit:N0} are allowed.").With("maxBytes", limit);
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = limit;
    }

    private static string? FileNameOf(HttpRequest request)
        => ContentDispositionHeaderValue.TryParse(request.Headers.ContentDisposition.ToString(), out var disposition) ? disposition.FileNameStar.Value ?? disposition.FileName.Value : null;

    private static bool Is(MediaTypeHeaderValue type, string name) => type.MediaType.Equals(name, StringComparison.OrdinalIgnoreCase);

    private enum BodyForm
    {
        Picture,
        Files,
        Json,
    }
}
