using Microsoft.Extensions.Options;
using Serve.Api.Hosting;
using Serve.Inference.Scenes;

namespace Serve.Api.Datasets;

/// <summary>Makes the generated dataset at start-up when it is asked for and not there; the server answers meanwhile.</summary>
internal sealed partial class DemoDataset(IOptions<ServeOptions> options, ServeFolders folders, ILogger<DemoDataset> log) : BackgroundService
{
    /// <summary>Name of the generated dataset.</summary>
    public const string Name = "demo-scenes";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var folder = Path.Combine(folders.Data, Name);
        if (!options.Value.Demo || Directory.Exists(folder))
            return;

        await Task.Yield();
        LogStart(Name, folders.Data);
        try
        {
            var scenes = new SceneOptions();
            await SceneDataset.WriteAsync(folder, scenes, new QuarterLog(this, scenes.Train + scenes.Val + scenes.Test), stoppingToken);
            LogDone(Name);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The dataset is complete or not there; the next start makes it.
        }
        catch (Exception fault)
        {
            // The server is of use without the demo data: a full disk or a fault in the drawing must not end it.
            LogFault(fault, Name);
        }
    }

    /// <summary>Tells each quarter of the work, so that a wait is seen to have an end. Calls may come from several threads.</summary>
    private sealed class QuarterLog(DemoDataset owner, int total) : IProgress<int>
    {
        private int _told;

        public void Report(int value)
        {
            var quarter = value * 4 / total;
            if (quarter < 4 && Interlocked.Exchange(ref _told, Math.Max(quarter, Volatile.Read(ref _told))) < quarter)
                owner.LogProgress(Name, value, total);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The dataset {Name}: {Done} of {Total} pictures are drawn.")]
    private partial void LogProgress(string name, int done, int total);

    [LoggerMessage(Level = LogLevel.Information, Message = "Drawing the dataset {Name} into {Folder}; the server answers meanwhile.")]
    private partial void LogStart(string name, string folder);

    [LoggerMessage(Level = LogLevel.Information, Message = "The dataset {Name} is ready.")]
    private partial void LogDone(string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "The dataset {Name} could not be made.")]
    private partial void LogFault(Exception exception, string name);
}
