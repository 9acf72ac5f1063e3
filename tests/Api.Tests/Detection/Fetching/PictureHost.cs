using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serve.Api.Detection.Fetching;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Detection.Fetching;

/// <summary>A web server with pictures, and with what a hostile one would answer.</summary>
internal sealed class PictureHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private PictureHost(WebApplication app) => _app = app;

    /// <summary>The port it listens on, at 127.0.0.1.</summary>
    public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    /// <summary>How many requests have reached it.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public static async Task<PictureHost> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var host = new PictureHost(app);
        app.Use((context, next) =>
        {
            Interlocked.Increment(ref host._requests);
            return next(context);
        });
        app.MapGet("/picture.png", () => Results.Bytes(TestPictures.Png(3), "image/png"));
        app.MapGet("/missing.png", () => Results.NotFound());
        app.MapGet("/large.png", () => Results.Bytes(new byte[3_000_000]));
        app.MapGet("/endless.png", async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(new byte[65_536], context.RequestAborted);
        });
        app.MapGet("/slow.png", context => Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted));
        app.MapGet("/to/{**target}", (string target) => Results.Redirect(Uri.UnescapeDataString(target)));
        app.MapGet("/round", () => Results.Redirect("/round"));
        app.MapGet("/twice", () => Results.Redirect("/once"));
        app.MapGet("/once", () => Results.Redirect("/picture.png"));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <summary>Names as a test says, and nothing but what it allows.</summary>
internal sealed class TestAddresses(Func<string, IPAddress[]> resolve, Func<IPAddress, bool> allows) : IAddressPolicy
{
    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken ct) => Task.FromResult(resolve(host));

    public bool Allows(IPAddress address) => allows(address);
}
