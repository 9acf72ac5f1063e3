using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Serve.Api.Hosting;
using Serve.Api.Problems;

namespace Serve.Api.Detection;

/// <summary>Pictures as the files of a form, under any field names.</summary>
internal static class MultipartPictures
{
    /// <summary>Reads the files one after the other, so that the limits hold while they arrive.</summary>
    /// <exception cref="RequestRefusedException">400: no files, too many, a field that is not a file, or a malformed form; 413: a file is too large.</exception>
    public static async Task<IReadOnlyList<UploadedPicture>> ReadAsync(HttpRequest request, ServeOptions limits, CancellationToken ct)
    {
        var boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.ContentType).Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > 128)
            throw Malformed("the content type has no boundary");

        var pictures = new List<UploadedPicture>();
        try
        {
            var reader = new MultipartReader(boundary, request.Body);
            while (await reader.ReadNextSectionAsync(ct) is { } section)
                pictures.Add(await ReadSectionAsync(section, pictures.Count, limits, ct));
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw Malformed(fault.Message.TrimEnd('.'));
        }
        return pictures.Count > 0 ? pictures : throw new RequestRefusedException(StatusCodes.Status400BadRequest, "The form holds no files; send 1 or more.");
    }

    private static async Task<UploadedPicture> ReadSectionAsync(MultipartSection section, int index, ServeOptions limits, CancellationToken ct)
    {
        if (section.GetContentDispositionHeader() is not { } disposition || !disposition.IsFileDisposition())
        {
            var name = section.GetContentDispositionHeader()?.Name.Value?.Trim('"');
            throw new RequestRefusedException(StatusCodes.Status400BadRequest,
                $"The form field \"{name}\" is not a file. Send pictures as files; options (model, version, score, max) go into the query string.");
        }
        if (index == limits.MaxFilesPerRequest)
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"The form holds more than the {limits.MaxFilesPerRequest} files that are allowed.")
                .With("maxFiles", limits.MaxFilesPerRequest);
        var fileName = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value;
        return new UploadedPicture(fileName, await PictureBytes.ReadAsync(section.Body, null, limits, $"images[{index}] ({fileName})", ct));
    }

    private static RequestRefusedException Malformed(string cause)
        => new(StatusCodes.Status400BadRequest, $"The multipart form is malformed: {cause}.");
}
