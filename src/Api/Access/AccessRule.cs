using System.Net;
using Microsoft.Extensions.Options;
using Serve.Api.Hosting;

namespace Serve.Api.Access;

/// <summary>Whether requests need keys, which follows from the settings and from the addresses that the server listens on.</summary>
internal sealed class AccessRule
{
    public AccessRule(IConfiguration configuration, IOptions<ServeOptions> options)
    {
        Addresses = AddressesOf(configuration);
        IsLoopback = Addresses.All(IsLoopbackAddress);
        NeedsKeys = options.Value.Access.Mode switch { "open" => false, "keys" => true, _ => !IsLoopback };
    }

    /// <summary>The addresses that the server listens on, as they are set.</summary>
    public IReadOnlyList<string> Addresses { get; }

    /// <summary>True when only this machine reaches the server.</summary>
    public bool IsLoopback { get; }

    /// <summary>True when a request needs a key; else its caller is <see cref="Caller.Local"/>.</summary>
    public bool NeedsKeys { get; }

    /// <summary>Whether a request certainly comes from this machine: also what it calls the server is loopback, which a page of another name cannot make a browser say.</summary>
    public bool IsFromThisMachine(HttpRequest request) => IsLoopback && IsLoopbackHost(request.Host.Host);

    /// <summary>The origin of the page that sent a request, when it is not one of this server's; else null.</summary>
    public static string? ForeignPage(HttpRequest request)
        => request.Headers.Origin is [{ Length: > 0 } origin] && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority == request.Host.Value)
            ? origin
            : null;

    private static List<string> AddressesOf(IConfiguration configuration)
    {
        const StringSplitOptions Trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        List<string> addresses = [.. (configuration["urls"] ?? "").Split(';', Trimmed)];
        if (addresses.Count == 0)
        {
            // Ports alone mean every address of the machine.
            foreach (var scheme in (string[])["http", "https"])
                addresses.AddRange((configuration[$"{scheme}_ports"] ?? "").Split(';', Trimmed).Select(port => $"{scheme}://*:{port}"));
        }
        addresses.AddRange(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>());
        return addresses;
    }

    private static bool IsLoopbackAddress(string address) => BindingAddress.Parse(address) is var bound && (bound.IsUnixPipe || bound.IsNamedPipe || IsLoopbackHost(bound.Host));

    private static bool IsLoopbackHost(string host)
        => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
