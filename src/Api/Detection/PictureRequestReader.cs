using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Serve.Api.Detection.Fetching;
using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Api.Wire;

namespace Serve.Api.Detection;

/// <summary>Reads the pictures of a detect request from any of its three forms, within the limits, before any of them is decoded.</summary>
internal sealed class PictureRequestReader(IOptions<ServeOptions> options, PictureFetcher fetcher)
{
    private static readonly string[] Forms = ["image/*", "application/octet-stream", "multipart/form-data", "application/json"];

    private const string Allowed =
        "Send a picture as the body (Content-Type: image/* or application/octet-stream), files as multipart/form-data, or application/json with base64.";

    /// <summary>Reads the request's pictures, one or more. The caller disposes them.</summary>
    /// <param name="request">The request.</param>
    /// <param name="partial">Whether a picture that cannot be had is told at its place, instead of refusing the request.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="RequestRefusedException">400, 413 or 415 with the cause.</exception>
    public async Task<UploadedPictures> ReadAsync(HttpRequest request, bool partial, CancellationToken ct)
    {
        var form = FormOf(request);
        LimitBody(request, form == BodyForm.Picture ? Limits.MaxBytes : Limits.MaxRequestBytes);
        var pictures = new UploadedPictures();
        try
        {
            if (form == BodyForm.Picture)
                pictures.Add(FileNameOf(request), await PictureLimit.ReadAsync(request.Body, request.ContentLength, Limits, "The picture", ct));
            else if (form == BodyForm.Files)
                await MultipartPictures.ReadAsync(request, pictures, partial, Limits, ct);
            else
                await ReadJsonAsync(request, pictures, partial, ct);
            RefuseEmpty(pictures, partial);
            return pictures;
        }
        catch
        {
            pictures.Dispose();
            throw;
        }
    }

    private ServeOptions Limits => options.Value;

    private async Task ReadJsonAsync(HttpRequest request, UploadedPictures pictures, bool partial, CancellationToken ct)
    {
        var body = await PooledBytes.ReadAsync(request.Body, request.ContentLength, Limits.MaxRequestBytes, ct);
        pictures.Own(body);
        if (body.Length > Limits.MaxRequestBytes)
            throw BodyTooLarge("more", Limits.MaxRequestBytes);
        var addresses = JsonPictures.Read(body.Memory, pictures, partial, Limits);
        if (addresses.Count > 0)
            await fetcher.FetchAsync(addresses, pictures, partial, ct);
    }

    private static void RefuseEmpty(UploadedPictures pictures, bool partial)
    {
        for (var i = 0; i < pictures.Count; i++)
        {
            if (!pictures[i].Encoded.IsEmpty || pictures[i].Fault is not null)
                continue;
            var fault = new RequestRefusedException(StatusCodes.Status400BadRequest,
                pictures.Count == 1 ? $"The request holds no picture: its body is empty. {Allowed}" : $"images[{i}]: the file is empty.").With("index", i);
            pictures[i] = partial ? pictures[i] with { Fault = fault } : throw fault;
        }
    }

    private static BodyForm FormOf(HttpRequest request)
    {
        if (string.IsNullOrEmpty(request.ContentType) || request.ContentType is "image/jpeg" or "application/octet-stream")
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
            throw BodyTooLarge($"{request.ContentLength:N0}", limit);
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = limit;
    }

    private static RequestRefusedException BodyTooLarge(string bytes, int limit)
        => new RequestRefusedException(StatusCodes.Status413PayloadTooLarge, $"The body has {bytes} bytes; at most {limit:N0} are allowed.").With("maxBytes", limit);

    private static string? FileNameOf(HttpRequest request)
        => request.Headers.ContentDisposition is [{ } text] && ContentDispositionHeaderValue.TryParse(text, out var disposition)
            ? disposition.FileNameStar.Value ?? disposition.FileName.Value
            : null;

    private static bool Is(MediaTypeHeaderValue type, string name) => type.MediaType.Equals(name, StringComparison.OrdinalIgnoreCase);

    private enum BodyForm
    {
        Picture,
        Files,
        Json,
    }
}
