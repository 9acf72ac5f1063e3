using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Serve.Api.Problems;

namespace Serve.Api.Models;

/// <summary>Names of the files in an uploaded form: where they are written to is decided here.</summary>
internal static class UploadedFileName
{
    private const int MostBytes = 200;
    private const int MostParts = 3;

    /// <summary>The name of a form's file, a relative path of few, plain parts.</summary>
    /// <exception cref="RequestRefusedException">400: it is no file, or its name leads elsewhere.</exception>
    public static string Of(MultipartSection section)
    {
        if (section.GetContentDispositionHeader() is not { } disposition || !disposition.IsFileDisposition())
            throw Refused($"The form field \"{section.GetContentDispositionHeader()?.Name.Value?.Trim('"')}\" is not a file.");
        var name = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value ?? "";
        string[] parts = name.Split('/');
        return Encoding.UTF8.GetByteCount(name) <= MostBytes && parts.Length <= MostParts && parts.All(IsPlain)
            ? Path.Combine(parts)
            : throw Refused($"The form holds a file \"{name}\"; allowed are names, or paths of up to {MostParts} names, of {MostBytes} bytes at most, none of which begins with a dot or has a backslash.");
    }

    private static bool IsPlain(string part) => part.Length > 0 && part[0] != '.' && !part.Any(c => char.IsControl(c) || c is '\\' or ':');

    private static RequestRefusedException Refused(string cause) => new(StatusCodes.Status400BadRequest, cause);
}
