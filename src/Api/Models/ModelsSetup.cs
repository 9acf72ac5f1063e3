using Microsoft.Extensions.Options;
using Serve.Api.Hosting;
using Serve.Eval;
using Serve.Inference.Models;
using Serve.Inference.Repository;

namespace Serve.Api.Models;

/// <summary>Registers the models, and loads those that must answer at once before the first request.</summary>
internal static class ModelsSetup
{
    public static IServiceCollection AddModels(this IServiceCollection services)
        => services
            .AddSingleton(provider => ModelRepository.Open(
                provider.GetRequiredService<ServeFolders>().Models,
                OptionsOf(provider.GetRequiredService<IOptions<ServeOptions>>().Value, provider.GetRequiredService<TimeProvider>())))
            .AddSingleton<ModelReadiness>()
            .AddSingleton<ModelDescriptions>()
            .AddSingleton<ModelManagementRule>()
            .AddSingleton<ModelUpload>();

    /// <summary>Opens the models folder and loads the default model, the pinned ones and those to preload, so that a server which is ready answers at once.</summary>
    /// <exception cref="InvalidInputException">The default model does not exist, or the device that was asked for is not there.</exception>
    public static async Task PrepareModelsAsync(this IServiceProvider services, CancellationToken ct)
    {
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger("Serve.Api.Models");
        var options = services.GetRequiredService<IOptions<ServeOptions>>().Value;
        var models = services.GetRequiredService<ModelRepository>();
        models.Changed += change => ModelLog.Changed(log, change);
        if (options.DefaultModel is { } name && !models.Names.Contains(name))
            throw new InvalidInputException($"Serve:DefaultModel is \"{name}\", but there is no such model. Models: {string.Join(", ", models.Names.DefaultIfEmpty("none"))}.");
        foreach (var fault in models.Faults)
            ModelLog.Fault(log, fault);
        foreach (var version in models.Versions.Where(version => version.State == ModelState.Failed))
            ModelLog.Fault(log, version.Reason);
        if (models.DefaultName is null)
            ModelLog.NoModels(log);
        else
            await LoadAsync(models, models.DefaultName, null, options, ct);
        foreach (var (setting, named) in new[] { (nameof(options.PreloadModels), options.PreloadModels), (nameof(options.PinnedModels), options.PinnedModels) })
            foreach (var missing in Listed(named).Where(entry => entry != "*" && !models.Names.Contains(entry.Split(':')[0])))
                ModelLog.NotThere(log, setting, missing);
        foreach (var version in models.ToPreload(Listed(options.PreloadModels)))
        {
            // Where the newest cannot be loaded, one before it may answer.
            if (!await LoadAsync(models, version.Name, version.Version, options, ct))
                await LoadAsync(models, version.Name, null, options, ct);
        }
    }

    private static async Task<bool> LoadAsync(ModelRepository models, string name, int? version, ServeOptions options, CancellationToken ct)
    {
        try
        {
            (await models.AcquireAsync(name, version, ct)).Dispose();
            return true;
        }
        catch (InvalidInputException) when (options.Device is "auto" or "cpu")
        {
            // It was logged. One model that cannot be loaded leaves the others; a GPU that was asked for and is not there stops the start.
            return false;
        }
    }

    /// <summary>How models are kept and run.</summary>
    internal static ModelRepositoryOptions OptionsOf(ServeOptions options, TimeProvider time) => new()
    {
        Models = new DetectionModelOptions
        {
            Device = options.Device,
            Threads = options.Run.Threads,
            Runners = options.Run.Runners,
            MaxBatch = options.Run.MaxBatch,
            BatchWait = TimeSpan.FromMilliseconds(options.Run.BatchWaitMilliseconds),
            QueueLimit = options.Run.QueueLimit,
            Timeout = options.Run.TimeoutMilliseconds > 0 ? TimeSpan.FromMilliseconds(options.Run.TimeoutMilliseconds) : null,
            Cuda = options.Gpu.ToCuda(),
            TensorRt = options.Gpu.ToTensorRt(),
            Time = time,
        },
        DefaultName = options.DefaultModel,
        Versions = options.ModelVersions == "all" ? VersionPolicy.All : VersionPolicy.Latest,
        Pinned = Listed(options.PinnedModels),
        MemoryBytes = options.ModelMemoryBytes,
        Watch = options.WatchModels,
        Settle = TimeSpan.FromMilliseconds(options.ModelSettleMilliseconds),
        Rescan = TimeSpan.FromSeconds(options.ModelRescanSeconds),
    };

    internal static string[] Listed(string? names) => names?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
