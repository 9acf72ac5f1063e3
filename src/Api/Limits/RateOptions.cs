using System.ComponentModel.DataAnnotations;

namespace Serve.Api.Limits;

/// <summary>How many inference requests a client may send: a token bucket a key.</summary>
public sealed class RateOptions
{
    /// <summary>Requests of a key that may come at once where nothing else is said.</summary>
    internal const int UsualBurst = 10;

    /// <summary>Requests a second and key that are let through on average; 0 for no limit.</summary>
    [Range(0.0, 1_000_000.0)]
    public double PerSecond { get; set; }

    /// <summary>Requests of a key that may come at once, after a pause.</summary>
    [Range(1, 1_000_000)]
    public int Burst { get; set; } = UsualBurst;

    /// <summary>
    /// Where the server itself needs no keys: the header that holds a client's, which a gateway before it has to check. Empty, or absent from a request: the
    /// client's address counts. A key of this server counts whatever its header.
    /// </summary>
    public string KeyHeader { get; set; } = "X-Api-Key";
}
