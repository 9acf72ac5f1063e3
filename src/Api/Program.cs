using Serve.Api.Access;
using Serve.Api.Comparisons;
using Serve.Api.Datasets;
using Serve.Api.Detection;
using Serve.Api.Documents;
using Serve.Api.Evaluation;
using Serve.Api.Health;
using Serve.Api.Hosting;
using Serve.Api.Jobs;
using Serve.Api.Leaderboards;
using Serve.Api.Limits;
using Serve.Api.Models;
using Serve.Api.OpenInference;
using Serve.Api.Pages;
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
            if (CommandLine.KeysOf(args) is var (switches, command))
            {
                await RunKeysAsync(switches, command, Console.Out, Console.Error, CancellationToken.None);
                return 0;
            }
            NativeHeap.Configure();
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
        var builder = NewBuilder(args);
        configure?.Invoke(builder);
        builder.Services.AddProblems().AddTelemetry(builder.Configuration).AddLimits().AddStorage().AddAccess().AddModels().AddDatasets().AddDetection().AddOpenInference()
            .AddJobs().AddEvaluation().AddComparisons().AddLeaderboards().AddHealth().AddDocuments();

        var app = builder.Build();
        app.UseProblems();
        if (app.Services.GetRequiredService<Node>().Answers)
            MapAnswers(app);
        else
            MapWorker(app);
        await app.PrepareAsync();
        return app;
    }

    private static void MapAnswers(WebApplication app)
    {
        app.UsePages();
        app.UseAccess();
        app.UseRateLimiter();
        app.UseIdempotency();
        var routes = app.MapGroup("").ProducesProblem(StatusCodes.Status500InternalServerError);
        routes.MapHealth();
        routes.MapModels();
        routes.MapDatasets();
        routes.MapDetection();
        routes.MapEvaluation();
        routes.MapComparisons();
        routes.MapLeaderboards();
        routes.MapJobs();
        routes.MapAccess();
        routes.MapCaller();
        app.MapOpenInference();
        app.MapDocuments();
        app.MapTelemetry();
        app.SayWhereItListens();
    }

    /// <summary>A process that runs jobs answers only whether it lives and what it does.</summary>
    private static void MapWorker(WebApplication app)
    {
        app.UseAccess();
        app.MapHealth();
        app.MapTelemetry();
    }

    /// <summary>Carries out <c>serve keys</c> with the server's settings.</summary>
    internal static async Task RunKeysAsync(string[] switches, string[] command, TextWriter output, TextWriter remarks, CancellationToken ct)
    {
        var builder = NewBuilder(switches);
        builder.Logging.ClearProviders();
        builder.Services.AddStorage().AddKeys();
        await using var app = builder.Build();
        await KeyCommand.RunAsync(app, command, output, remarks, ct);
    }

    private static WebApplicationBuilder NewBuilder(string[] args)
    {
        // Settings are read once: a watcher of their files would only take from the few that a machine has.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        return builder.AddHosting(CommandLine.Parse(args));
    }
}
