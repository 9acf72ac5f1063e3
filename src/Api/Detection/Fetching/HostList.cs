namespace Serve.Api.Detection.Fetching;

/// <summary>The hosts that pictures may be fetched from.</summary>
internal sealed class HostList
{
    private readonly string[] _entries;

    /// <param name="hosts">Entries as in <see cref="FetchOptions.Hosts"/>.</param>
    public HostList(string? hosts) => _entries = (hosts ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Whether an address is of one of the hosts. Ports count: an entry without one means the scheme's own.</summary>
    public bool Allows(Uri address) => Array.Exists(_entries, entry => Allows(entry, address));

    private static bool Allows(string entry, Uri address)
    {
        var colon = entry.LastIndexOf(':');
        // An IPv6 address has colons too, and stands in brackets.
        var hasPort = colon > 0 && !entry.EndsWith(']');
        var host = hasPort ? entry[..colon] : entry;
        if (hasPort ? entry[(colon + 1)..] != $"{address.Port}" : !address.IsDefaultPort)
            return false;
        if (host == "*")
            return true;
        return host.StartsWith("*.", StringComparison.Ordinal)
            ? address.IdnHost.Length > host.Length - 1 && address.IdnHost.EndsWith(host[1..], StringComparison.OrdinalIgnoreCase)
            : host.Trim('[', ']').Equals(address.IdnHost.Trim('[', ']'), StringComparison.OrdinalIgnoreCase);
    }
}
