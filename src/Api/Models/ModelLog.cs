using System.Net;
using Serve.Inference.Repository;

namespace Serve.Api.Models;

/// <summary>What the server says about its models.</summary>
internal static partial class ModelLog
{
    /// <summary>Says what became of a version, where an operator wants to know it.</summary>
    public static void Changed(ILogger log, ModelTransition change)
    {
        var version = change.Version;
        switch (version.State)
        {
            case ModelState.Ready when version.Reason.Length > 0:
                Stays(log, version.Name, version.Version, version.Reason);
                break;
            case ModelState.Ready when version.Loaded is { } model:
                Loaded(log, version.Name, version.Version, model.Device, model.DeviceReason);
                break;
            case ModelState.Failed:
                Failed(log, version.Name, version.Version, version.Reason);
                break;
            case ModelState.Unloaded when version.Reason.Length > 0:
                Unloaded(log, version.Name, version.Version, version.Reason);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Name} {Version} is loaded on {Device} ({Reason}).")]
    private static partial void Loaded(ILogger log, string name, int version, string device, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Model {Name} {Version} answers as before. {Reason}")]
    private static partial void Stays(ILogger log, string name, int version, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Model {Name} {Version} cannot be served: {Reason}")]
    private static partial void Failed(ILogger log, string name, int version, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Name} {Version} is not in memory. {Reason}")]
    private static partial void Unloaded(ILogger log, string name, int version, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A model cannot be served: {Fault}")]
    public static partial void Fault(ILogger log, string fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Serve:{Setting} names {Name}, and there is no such model yet.")]
    public static partial void NotThere(ILogger log, string setting, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "There are no models yet: put <name>/<version>/model.onnx into the models folder.")]
    public static partial void NoModels(ILogger log);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Client} asked for: {Method} {Path}")]
    public static partial void Managed(ILogger log, IPAddress? client, string method, PathString path);
}
