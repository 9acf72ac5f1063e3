using System.Net;
using System.Net.Sockets;

namespace Serve.Api.Detection.Fetching;

/// <summary>Which addresses of hosts may be connected to.</summary>
internal interface IAddressPolicy
{
    /// <summary>The addresses of a host, as its name server says now.</summary>
    Task<IPAddress[]> ResolveAsync(string host, CancellationToken ct);

    /// <summary>Whether an address may be connected to.</summary>
    bool Allows(IPAddress address);
}

/// <summary>Public addresses only, by the machine's own resolver.</summary>
internal sealed class PublicAddresses : IAddressPolicy
{
    /// <inheritdoc/>
    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken ct) => Dns.GetHostAddressesAsync(host, ct);

    /// <inheritdoc/>
    public bool Allows(IPAddress address) => PublicAddress.Is(address);
}

/// <summary>Connects to a host at the very addresses that were checked: a name that is resolved twice could give a private one the second time.</summary>
internal static class PinnedConnection
{
    /// <summary>Resolves once, refuses the host when any of its addresses is refused, and connects to one of them.</summary>
    /// <exception cref="AddressRefusedException">An address may not be connected to, or there is none.</exception>
    public static async ValueTask<Stream> OpenAsync(DnsEndPoint host, IAddressPolicy policy, CancellationToken ct)
    {
        // A literal address is no name: the resolver must not have its say.
        var addresses = IPAddress.TryParse(host.Host.Trim('[', ']'), out var literal) ? [literal] : await ResolveAsync(host.Host, policy, ct);
        if (addresses.Length == 0 || !Array.TrueForAll(addresses, policy.Allows))
            throw new AddressRefusedException(host.Host);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, host.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<IPAddress[]> ResolveAsync(string host, IAddressPolicy policy, CancellationToken ct)
    {
        try
        {
            return await policy.ResolveAsync(host, ct);
        }
        catch (SocketException)
        {
            return [];
        }
    }
}

/// <summary>A host has no address that may be connected to. Which, and why, is not told: that would map the inner network.</summary>
internal sealed class AddressRefusedException(string host) : Exception($"The host \"{host}\" has no public address.");
