using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Serve.Api.Hosting;

/// <summary>Says where the server listens, once it does.</summary>
internal static class StartupMessage
{
    public static WebApplication SayWhereItListens(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Serve");
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            foreach (var url in addresses.Select(address => address.TrimEnd('/')))
            {
                HostingLog.TryOut(log, url);
                HostingLog.Swagger(log, url);
                HostingLog.Curl(log, url);
            }
        });
        return app;
    }
}
