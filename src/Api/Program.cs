using Serve.Api.Datasets;
using Serve.Api.Detection;
using Serve.Api.Documents;
using Serve.Api.Evaluation;
using Serve.Api.Health;
using Serve.Api.Hosting;
using Serve.Api.Limits;
using Serve.Api.Models;
using Serve.Api.OpenInference;
using Serve.Api.Problems;
using Serve.Api.Storage;
using Serve.Api.Telemetry;

namespace Serve.Api;

/// <summary>The server: a table of its features, in reading order.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (CommandLine.AsksForHelp(args))
        {
            Console.WriteLine(CommandLine.Usage);
            return 0;
        }
        try
        {
            await using var app = await CreateAsync(args);
            await app.RunAsync();
            return 0;
        }
        catch (Exception fault) when (StartFault.ExitCode(fault) is not null)
        {
            await Console.Error.WriteLineAsync(StartFault.TextOf(fault));
            return StartFault.ExitCode(fault)!.Value;
        }
    }

    /// <summary>Builds the server with the switches of the command line, and prepares what it needs to start.</summary>
    internal static async Task<WebApplication> CreateAsync(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var switches = CommandLine.Parse(args);
        // Settings are read once: a watcher of their files would only take from the few that a machine has.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.AddHosting(switches);
        configure?.Invoke(builder);
        builder.Services.AddProblems().AddTelemetry(builder.Configuration).AddLimits().AddStorage().AddModels().AddDatasets().AddDetection().AddOpenInference()
            .AddEvaluation(builder.Configuration).AddHealth().AddDocuments();

        var app = builder.Build();
        app.UseProblems();
        app.UseRateLimiter();
        app.UsePages();
        var routes = app.MapGroup("").ProducesProblem(StatusCodes.Status500InternalServerError);
        routes.MapHealth();
        routes.MapModels();
        routes.MapDatasets();
        routes.MapDetection();
        routes.MapEvaluation();
        app.MapOpenInference();
        app.MapDocuments();
        app.MapTelemetry();
        app.SayWhereItListens();
        await app.PrepareAsync();
        return app;
    }
}
