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
            await SceneDataset.WriteAsync(folder, new SceneOptions(), progress: null, stoppingToken);
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

    [LoggerMessage(Level = LogLevel.Information, Message = "Drawing the dataset {Name} into {Folder}; the server answers meanwhile.")]
    private partial void LogStart(string name, string folder);

    [LoggerMessage(Level = LogLevel.Information, Message = "The dataset {Name} is ready.")]
    private partial void LogDone(string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "The dataset {Name} could not be made.")]
    private partial void LogFault(Exception exception, string name);
}
