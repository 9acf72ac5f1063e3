using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Serve.Api.Problems;

namespace Serve.Api.Models;

/// <summary>The SHA-256 that an uploaded ONNX file should have: the parameter <c>sha256</c>, or of a body that is the file <c>Content-Digest</c> (RFC 9530) or <c>Digest</c>.</summary>
internal static partial class UploadDigest
{
    /// <summary>Lower-case hexadecimal; null when the client says nothing.</summary>
    /// <exception cref="RequestRefusedException">400: it is no SHA-256.</exception>
    public static string? Expected(HttpRequest request, string? sha256)
    {
        if (sha256 is not null)
            return Hexadecimal().IsMatch(sha256) ? sha256.ToLowerInvariant() : throw Refused($"Parameter \"sha256\": \"{sha256}\" is not 64 hexadecimal digits.");
        var header = string.Join(", ", request.Headers["Content-Digest"].Concat(request.Headers["Digest"]));
        if (request.HasFormContentType || Sha256Member().Match(header) is not { Success: true } member)
            return null;
        var bytes = new byte[SHA256.HashSizeInBytes];
        return Convert.TryFromBase64String(member.Groups["value"].Value, bytes, out var written) && written == bytes.Length
            ? Convert.ToHexStringLower(bytes)
            : throw Refused($"The digest \"{header}\" is not a SHA-256 in base64.");
    }

    /// <summary>Refuses a file that has another.</summary>
    /// <exception cref="RequestRefusedException">400: it has.</exception>
    public static async Task RequireAsync(string path, string? expected, CancellationToken ct)
    {
        if (expected is null)
            return;
        await using var file = File.OpenRead(path);
        var actual = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, ct));
        if (actual != expected)
            throw Refused($"The ONNX file that arrived has the SHA-256 {actual}, not {expected}; it was damaged on its way.");
    }

    private static RequestRefusedException Refused(string cause) => new(StatusCodes.Status400BadRequest, cause);

    [GeneratedRegex(@"\A[0-9A-Fa-f]{64}\z")]
    private static partial Regex Hexadecimal();

    [GeneratedRegex("sha-256=:?(?<value>[A-Za-z0-9+/]+=*):?", RegexOptions.IgnoreCase)]
    private static partial Regex Sha256Member();
}
