using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Serve.Api.Wire;
using Serve.Eval;

namespace Serve.Api.Hosting;

/// <summary>Settings, folders and JSON: what every feature stands on.</summary>
internal static class HostingSetup
{
    private const string DefaultUrls = "http://127.0.0.1:8080";

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="InvalidInputException">A switch or an address is wrong.</exception>
    public static WebApplicationBuilder AddHosting(this WebApplicationBuilder builder, Dictionary<string, string?> switches)
    {
        builder.Configuration.AddInMemoryCollection(switches);
        var urls = builder.Configuration["urls"];
        if (urls is null && builder.Configuration["http_ports"] is null && builder.Configuration["https_ports"] is null)
            builder.WebHost.UseUrls(urls = DefaultUrls);
        CommandLine.CheckUrls(urls ?? "");
        // While this category writes anything, every request gets an activity and a scope of logs that nobody reads: a kilobyte of garbage a picture. Traces make their own.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);

        builder.Services.AddOptions<ServeOptions>()
            .BindConfiguration(ServeOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ServeOptions>, ServeOptionsValidator>();
        builder.Services.AddSingleton<ServeFolders>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ServeJson.Default);
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        return builder;
    }
}
