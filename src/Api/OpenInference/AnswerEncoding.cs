using Microsoft.Net.Http.Headers;

namespace Serve.Api.OpenInference;

/// <summary>Chooses how an answer is compressed, by the <c>Accept-Encoding</c> header (RFC 9110, 12.5.3).</summary>
internal static class AnswerEncoding
{
    private static readonly string[] Offered = ["gzip", "deflate"];

    /// <summary><c>gzip</c> or <c>deflate</c>; null where the client asks for neither, or likes the plain answer better.</summary>
    public static string? Choose(HttpRequest request)
    {
        if (request.Headers.AcceptEncoding.Count == 0)
            return null;
        IList<StringWithQualityHeaderValue> accepted = request.GetTypedHeaders().AcceptEncoding;
        var plain = Quality(accepted, "identity", orAny: false);
        var best = Offered.MaxBy(name => Quality(accepted, name, orAny: true) ?? 0)!;
        var quality = Quality(accepted, best, orAny: true) ?? 0;
        return quality > 0 && quality >= (plain ?? 0) ? best : null;
    }

    private static double? Quality(IList<StringWithQualityHeaderValue> accepted, string name, bool orAny)
    {
        double? any = null;
        foreach (var value in accepted)
        {
            if (value.Value.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value.Quality ?? 1;
            if (orAny && value.Value == "*")
                any = value.Quality ?? 1;
        }
        return any;
    }
}
