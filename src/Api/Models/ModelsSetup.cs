using Microsoft.Extensions.Options;
using Serve.Api.Hosting;
using Serve.Eval;

namespace Serve.Api.Models;

/// <summary>Registers the models, and loads the default one before the first request.</summary>
internal static partial class ModelsSetup
{
    public static IServiceCollection AddModels(this IServiceCollection services) => services.AddSingleton<ModelRegistry>();

    /// <summary>Opens the models folder and loads the default model, so that a server which is ready answers at once.</summary>
    /// <exception cref="InvalidInputException">The default model does not exist, or the device that was asked for is not there.</exception>
    public static async Task PrepareModelsAsync(this IServiceProvider services, CancellationToken ct)
    {
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger("Serve.Api.Models");
        var models = services.GetRequiredService<ModelRegistry>();
        foreach (var fault in models.Faults)
            LogFault(log, fault);
        if (models.DefaultName is null)
        {
            LogNoModels(log);
            return;
        }
        try
        {
            var model = await models.LoadAsync(models.Find(null, null), ct);
            LogLoaded(log, model.Passport.Name, model.Passport.Version, model.Device, model.DeviceReason);
        }
        catch (InvalidInputException fault) when (services.GetRequiredService<IOptions<ServeOptions>>().Value.Device is "auto" or "cpu")
        {
            // One model that cannot be loaded leaves the others; a GPU that was asked for and is not there stops the start.
            LogFault(log, fault.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Name} {Version} is loaded on {Device} ({Reason}).")]
    private static partial void LogLoaded(ILogger log, string name, int version, string device, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A model cannot be served: {Fault}")]
    private static partial void LogFault(ILogger log, string fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "There are no models yet: put <name>/<version>/model.onnx and model.json into the models folder and start again.")]
    private static partial void LogNoModels(ILogger log);
}
