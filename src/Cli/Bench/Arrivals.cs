using Serve.Eval;

namespace Serve.Cli.Bench;

/// <summary>How requests of an open loop are spread over time.</summary>
internal enum ArrivalKind
{
    /// <summary>As a Poisson process, like requests of many users who do not know of one another: several may come at once.</summary>
    Random,

    /// <summary>At even distances, like the frames of a camera.</summary>
    Even,
}

/// <summary>When requests of an open loop are due.</summary>
internal static class Arrivals
{
    /// <summary>The times, rising, from the start of the load.</summary>
    /// <param name="kind">How they are spread.</param>
    /// <param name="rate">Requests a second, on average.</param>
    /// <param name="duration">How long requests arrive.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="seed">Seed of random ones.</param>
    public static IEnumerable<TimeSpan> Of(ArrivalKind kind, double rate, TimeSpan duration, int count, long seed)
    {
        var random = new SplitMix64(seed);
        var seconds = 0.0;
        for (var sent = 0; sent < count; sent++)
        {
            seconds = kind == ArrivalKind.Even ? (sent + 1) / rate : seconds - Math.Log(1 - random.NextDouble()) / rate;
            if (seconds > duration.TotalSeconds)
                yield break;
            yield return TimeSpan.FromSeconds(seconds);
        }
    }
}
