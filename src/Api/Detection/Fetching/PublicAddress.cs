using System.Net;
using System.Net.Sockets;

namespace Serve.Api.Detection.Fetching;

/// <summary>Tells addresses of the open internet from those that a stranger must not reach through this server.</summary>
/// <remarks>IANA's registries of special-purpose addresses for IPv4 (RFC 6890) and IPv6, and the forms of IPv6 that hold an IPv4 address inside.</remarks>
internal static class PublicAddress
{
    private static readonly IPNetwork[] SpecialIPv4 =
    [
        IPNetwork.Parse("0.0.0.0/8"),           // this network
        IPNetwork.Parse("10.0.0.0/8"),          // private
        IPNetwork.Parse("100.64.0.0/10"),       // shared by carriers (CGNAT)
        IPNetwork.Parse("127.0.0.0/8"),         // loopback
        IPNetwork.Parse("169.254.0.0/16"),      // link-local, the clouds' metadata services among them
        IPNetwork.Parse("172.16.0.0/12"),       // private
        IPNetwork.Parse("192.0.0.0/24"),        // protocol assignments
        IPNetwork.Parse("192.0.2.0/24"),        // documentation
        IPNetwork.Parse("192.31.196.0/24"),     // AS112
        IPNetwork.Parse("192.52.193.0/24"),     // AMT
        IPNetwork.Parse("192.88.99.0/24"),      // 6to4 relays
        IPNetwork.Parse("192.168.0.0/16"),      // private
        IPNetwork.Parse("192.175.48.0/24"),     // AS112
        IPNetwork.Parse("198.18.0.0/15"),       // benchmarks
        IPNetwork.Parse("198.51.100.0/24"),     // documentation
        IPNetwork.Parse("203.0.113.0/24"),      // documentation
        IPNetwork.Parse("224.0.0.0/4"),         // multicast
        IPNetwork.Parse("240.0.0.0/4"),         // reserved, broadcast
    ];

    // Public IPv6 is 2000::/3 without these.
    private static readonly IPNetwork UnicastIPv6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] SpecialIPv6 =
    [
        IPNetwork.Parse("2001::/23"),           // protocol assignments: Teredo, ORCHID, benchmarks
        IPNetwork.Parse("2001:db8::/32"),       // documentation
        IPNetwork.Parse("2002::/16"),           // 6to4: an IPv4 address inside
        IPNetwork.Parse("3fff::/20"),           // documentation
        IPNetwork.Parse("2620:4f:8000::/48"),   // AS112
    ];

    /// <summary>True for an address of the open internet.</summary>
    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Array.Exists(SpecialIPv4, network => network.Contains(address)),
            // With a scope it is an address of one link only.
            AddressFamily.InterNetworkV6 => address.ScopeId == 0 && UnicastIPv6.Contains(address) && !Array.Exists(SpecialIPv6, network => network.Contains(address)),
            _ => false,
        };
    }
}
