using System.Text.Json;
using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Api.Wire;

namespace Serve.Api.Detection;

/// <summary>Pictures as base64 in JSON.</summary>
internal static class JsonPictures
{
    /// <summary>Reads the document and decodes its base64.</summary>
    /// <exception cref="RequestRefusedException">400: malformed, with the JSON path; 413: a picture is too large.</exception>
    public static async Task<IReadOnlyList<UploadedPicture>> ReadAsync(HttpRequest request, ServeOptions limits, CancellationToken ct)
    {
        DetectRequest? document;
        try
        {
            document = await JsonSerializer.DeserializeAsync(request.Body, ServeJson.Default.DetectRequest, ct);
        }
        catch (JsonException fault)
        {
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, BadRequestText.Of(fault)).With("path", fault.Path);
        }
        if (document?.Images is not { Count: > 0 } images)
            throw At("$.images", "expected 1 or more images.");
        if (images.Count > limits.MaxFilesPerRequest)
            throw At("$.images", $"{images.Count} images, at most {limits.MaxFilesPerRequest} are allowed.");
        return [.. images.Select((image, index) => Decode(image, index, limits))];
    }

    private static UploadedPicture Decode(EncodedImage? image, int index, ServeOptions limits)
    {
        if (image?.Base64 is not { } base64)
            throw At($"$.images[{index}].base64", "expected the picture in base64.");
        var text = base64.AsSpan();
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) && text.IndexOf(',') is var comma and > 0)
            text = text[(comma + 1)..];
        PictureBytes.RequireWithin(text.Length / 4L * 3 - 2, limits, $"images[{index}]");

        var bytes = new byte[text.Length / 4 * 3 + 3];
        if (!Convert.TryFromBase64Chars(text, bytes, out var written))
            throw At($"$.images[{index}].base64", "the value is not base64.");
        return new UploadedPicture(image.FileName, bytes.AsMemory(0, written));
    }

    private static RequestRefusedException At(string path, string cause)
        => new RequestRefusedException(StatusCodes.Status400BadRequest, $"The JSON body is wrong at {path}: {cause}").With("path", path);
}
