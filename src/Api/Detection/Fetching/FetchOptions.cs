using System.ComponentModel.DataAnnotations;

namespace Serve.Api.Detection.Fetching;

/// <summary>Pictures that a request names by their addresses. Off: a server that fetches what strangers name can be made to reach what they cannot.</summary>
public sealed class FetchOptions
{
    /// <summary>Whether pictures are fetched at all.</summary>
    public bool Enabled { get; set; }

    /// <summary>
    /// Hosts that may be named, separated by commas: <c>images.example.org</c>, <c>*.example.org</c> (any host below it), <c>example.org:8443</c> (another port than the
    /// scheme's), or <c>*</c> (any host with a public address).
    /// </summary>
    public string? Hosts { get; set; }

    /// <summary>Seconds in which a picture has to be there, from the first connection to its last byte, redirects included.</summary>
    [Range(1, 600)]
    public int TimeoutSeconds { get; set; } = 10;

    /// <summary>Redirects that are followed; each is checked like the first address.</summary>
    [Range(0, 10)]
    public int MaxRedirects { get; set; } = 3;
}
