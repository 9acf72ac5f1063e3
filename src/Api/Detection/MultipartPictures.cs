using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Serve.Api.Hosting;
using Serve.Api.Problems;

namespace Serve.Api.Detection;

/// <summary>Pictures as the files of a form, under any field names.</summary>
internal static class MultipartPictures
{
    /// <summary>Reads the files one after the other, so that the limits hold while they arrive.</summary>
    /// <param name="request">The request.</param>
    /// <param name="pictures">Where to add them.</param>
    /// <param name="partial">Whether a file that is too large is told at its place, instead of refusing the request.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="RequestRefusedException">400: no files, too many, a field that is not a file, or a malformed form; 413: a file is too large.</exception>
    public static async Task ReadAsync(HttpRequest request, UploadedPictures pictures, bool partial, ServeOptions limits, CancellationToken ct)
    {
        var boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.ContentType).Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > 128)
            throw Malformed("the content type has no boundary");
        try
        {
            var reader = new MultipartReader(boundary, request.Body);
            while (await reader.ReadNextSectionAsync(ct) is { } section)
                await ReadSectionAsync(section, pictures, partial, limits, ct);
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw Malformed(fault.Message.TrimEnd('.'));
        }
        if (pictures.Count == 0)
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, "The form holds no files; send 1 or more.");
    }

    private static async Task ReadSectionAsync(MultipartSection section, UploadedPictures pictures, bool partial, ServeOptions limits, CancellationToken ct)
    {
        if (section.GetContentDispositionHeader() is not { } disposition || !disposition.IsFileDisposition())
        {
            var name = section.GetContentDispositionHeader()?.Name.Value?.Trim('"');
            throw new RequestRefusedException(StatusCodes.Status400BadRequest,
                $"The form field \"{name}\" is not a file. Send pictures as files; options (model, version, score, max) go into the query string.");
        }
        if (pictures.Count == limits.MaxFilesPerRequest)
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"The form holds more than the {limits.MaxFilesPerRequest} files that are allowed.")
                .With("maxFiles", limits.MaxFilesPerRequest);
        var fileName = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value;
        try
        {
            pictures.Add(fileName, await PictureLimit.ReadAsync(section.Body, null, limits, $"images[{pictures.Count}] ({fileName})", ct));
        }
        catch (RequestRefusedException fault) when (partial)
        {
            pictures.Add(new UploadedPicture(fileName, default, fault));
        }
    }

    private static RequestRefusedException Malformed(string cause)
        => new(StatusCodes.Status400BadRequest, $"The multipart form is malformed: {cause}.");
}
