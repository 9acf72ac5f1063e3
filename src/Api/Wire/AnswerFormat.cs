using Microsoft.Net.Http.Headers;
using Serve.Api.Problems;

namespace Serve.Api.Wire;

/// <summary>Chooses between the JSON answer and others, such as a drawn picture or a page, by the <c>Accept</c> header (RFC 9110, 12.5.1).</summary>
internal static class AnswerFormat
{
    /// <summary>The JSON answer.</summary>
    public const string Json = "application/json";

    /// <summary>The media type that the client likes best; ties go to what it names more precisely, then to its own order, then to ours.</summary>
    /// <param name="request">The request.</param>
    /// <param name="types">Media types the answer can have, in order of preference.</param>
    /// <exception cref="RequestRefusedException">406: the client accepts none of them.</exception>
    public static string Choose(HttpRequest request, IReadOnlyList<string> types)
    {
        // What nearly every client sends needs no parsing.
        if (request.Headers.Accept is [] or ["*/*"] || (request.Headers.Accept is [{ } only] && only == types[0]))
            return types[0];
        IList<MediaTypeHeaderValue> ranges = request.GetTypedHeaders().Accept;
        if (ranges.Count == 0)
            return types[0];
        var best = types
            .Select((type, place) => (Type: type, Place: place, Range: MostPrecise(ranges, new MediaTypeHeaderValue(type))))
            .Where(candidate => candidate.Range is { Quality: null or > 0 })
            .OrderByDescending(candidate => candidate.Range!.Quality ?? 1)
            .ThenByDescending(candidate => Precision(candidate.Range!))
            .ThenBy(candidate => ranges.IndexOf(candidate.Range!))
            .ThenBy(candidate => candidate.Place)
            .FirstOrDefault();
        return best.Type ?? throw new RequestRefusedException(StatusCodes.Status406NotAcceptable,
            $"Accept is \"{request.Headers.Accept}\"; an answer can be {string.Join(", ", types)}.").With("supported", types);
    }

    private static MediaTypeHeaderValue? MostPrecise(IEnumerable<MediaTypeHeaderValue> ranges, MediaTypeHeaderValue type)
        => ranges.Where(range => type.IsSubsetOf(WithoutQuality(range))).MaxBy(Precision);

    private static MediaTypeHeaderValue WithoutQuality(MediaTypeHeaderValue range) => new(range.MediaType);

    private static int Precision(MediaTypeHeaderValue range) => range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2;
}
