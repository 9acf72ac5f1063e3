using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Serve.Api.Hosting;
using Serve.Api.Problems;

namespace Serve.Api.Detection;

/// <summary>A picture that a request names by its address.</summary>
/// <param name="Index">Its place in the request, from 0.</param>
/// <param name="Url">The address.</param>
internal readonly record struct PictureAddress(int Index, string Url);

/// <summary>Pictures in JSON: as base64, or by their addresses.</summary>
/// <remarks>The document is read in its own bytes and base64 is decoded in place, so that a picture needs no memory beside the body's.</remarks>
internal static class JsonPictures
{
    /// <summary>Reads the document.</summary>
    /// <param name="body">The whole body; written over by the decoded pictures, which stay slices of it.</param>
    /// <param name="pictures">Where to add the pictures; those with an address are left empty.</param>
    /// <param name="partial">Whether a picture that is wrong is told at its place, instead of refusing the request.</param>
    /// <param name="limits">The limits.</param>
    /// <returns>The pictures that have to be fetched.</returns>
    /// <exception cref="RequestRefusedException">400: malformed, with the JSON path; 413: a picture is too large.</exception>
    public static IReadOnlyList<PictureAddress> Read(Memory<byte> body, UploadedPictures pictures, bool partial, ServeOptions limits)
    {
        var addresses = new List<PictureAddress>();
        try
        {
            // A byte order mark is no JSON, and some clients write one.
            var from = body.Span.StartsWith("\uFEFF"u8) ? 3 : 0;
            Walk(body[from..], pictures, addresses, partial, limits);
        }
        catch (JsonException fault)
        {
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, BadRequestText.Of(fault)).With("path", fault.Path ?? "$");
        }
        catch (InvalidOperationException)
        {
            // What the reader of JSON says of strings that are no Unicode.
            throw At("$", "a string is not valid UTF-8, or has half a surrogate pair.");
        }
        if (pictures.Count == 0)
            throw At("$.images", "expected 1 or more images.");
        return addresses;
    }

    private static void Walk(Memory<byte> body, UploadedPictures pictures, List<PictureAddress> addresses, bool partial, ServeOptions limits)
    {
        var json = new Utf8JsonReader(body.Span);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
            throw At("$.images", "expected an object with an array of images.");
        var seen = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (!Is(json, "images"u8))
            {
                json.Read();
                json.Skip();
                continue;
            }
            if (seen)
                throw At("$.images", "it is given twice.");
            seen = true;
            json.Read();
            if (json.TokenType != JsonTokenType.StartArray)
                throw At("$.images", "expected an array of images.");
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
                Add(ReadImage(ref json, body, pictures.Count, limits), pictures, addresses, partial, limits);
        }
        // Anything after the document is a fault that the reader tells.
        json.Read();
        if (!seen)
            throw At("$.images", "expected 1 or more images.");
    }

    private static void Add(ImageEntry entry, UploadedPictures pictures, List<PictureAddress> addresses, bool partial, ServeOptions limits)
    {
        if (pictures.Count == limits.MaxFilesPerRequest)
            throw At("$.images", $"more than the {limits.MaxFilesPerRequest} images that are allowed.");
        if (entry.Fault is { } fault && !partial)
            throw fault;
        if (entry.Url is { } url && entry.Fault is null)
            addresses.Add(new PictureAddress(pictures.Count, url));
        pictures.Add(new UploadedPicture(entry.FileName ?? entry.Url, entry.Encoded, entry.Fault));
    }

    private static ImageEntry ReadImage(ref Utf8JsonReader json, Memory<byte> body, int index, ServeOptions limits)
    {
        var entry = new ImageEntry();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return entry with { Fault = At($"$.images[{index}].base64", "expected an object with the picture in base64 or its url.") };
        }
        var (hasBase64, hasUrl) = (false, false);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(json, "base64"u8))
            {
                json.Read();
                hasBase64 |= json.TokenType != JsonTokenType.Null;
                if (json.TokenType == JsonTokenType.String)
                    entry = Decode(ref json, body, entry, index, limits);
                else if (json.TokenType != JsonTokenType.Null)
                    entry = entry with { Fault = At($"$.images[{index}].base64", "the value is not a string.") };
            }
            else if (Is(json, "url"u8))
            {
                json.Read();
                hasUrl |= json.TokenType != JsonTokenType.Null;
                entry = TextOf(ref json, $"$.images[{index}].url", out var url, out var fault) ? entry with { Url = url } : entry with { Fault = fault };
            }
            else if (Is(json, "fileName"u8))
            {
                json.Read();
                entry = TextOf(ref json, $"$.images[{index}].fileName", out var name, out var fault) ? entry with { FileName = name } : entry with { Fault = fault };
            }
            else
            {
                json.Read();
            }
            json.Skip();
        }
        if (entry.Fault is null && hasBase64 == hasUrl)
            entry = entry with { Fault = At($"$.images[{index}].base64", hasUrl ? "give the picture in base64 or its url, not both." : "expected the picture in base64, or its url.") };
        return entry;
    }

    private static ImageEntry Decode(ref Utf8JsonReader json, Memory<byte> body, ImageEntry entry, int index, ServeOptions limits)
    {
        // The text's own place in the body; an escaped one (some writers escape '/') is written there unescaped, which is never longer.
        var text = body.Slice((int)json.TokenStartIndex + 1, json.ValueSpan.Length);
        if (json.ValueIsEscaped)
            text = text[..json.CopyString(text.Span)];
        if (Ascii.EqualsIgnoreCase(text.Span[..Math.Min(5, text.Length)], "data:"u8) && text.Span.IndexOf((byte)',') is var comma and > 0)
            text = text[(comma + 1)..];
        if (text.Length / 4L * 3 - 2 > limits.MaxBytes)
            return entry with { Fault = PictureLimit.TooLarge(limits, $"images[{index}]") };
        // Pixels of nothing are told as an empty file, not as bad base64.
        return Base64.DecodeFromUtf8InPlace(text.Span, out var written) == OperationStatus.Done
            ? entry with { Encoded = text[..written] }
            : entry with { Fault = At($"$.images[{index}].base64", "the value is not base64.") };
    }

    private static bool TextOf(ref Utf8JsonReader json, string path, out string? text, out RequestRefusedException? fault)
    {
        var isText = json.TokenType is JsonTokenType.String or JsonTokenType.Null;
        text = isText ? json.GetString() : null;
        fault = isText ? null : At(path, "the value is not a string.");
        return isText;
    }

    private static bool Is(in Utf8JsonReader json, ReadOnlySpan<byte> name)
        => json.ValueIsEscaped ? json.ValueTextEquals(name) : Ascii.EqualsIgnoreCase(json.ValueSpan, name);

    private static RequestRefusedException At(string path, string cause)
        => new RequestRefusedException(StatusCodes.Status400BadRequest, $"The JSON body is wrong at {path}: {cause}").With("path", path);

    private readonly record struct ImageEntry(string? FileName, string? Url, ReadOnlyMemory<byte> Encoded, RequestRefusedException? Fault);
}
