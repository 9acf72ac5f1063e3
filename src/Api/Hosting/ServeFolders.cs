using Microsoft.Extensions.Options;

namespace Serve.Api.Hosting;

/// <summary>The server's folders as absolute paths; made when missing.</summary>
internal sealed class ServeFolders
{
    public ServeFolders(IOptions<ServeOptions> options, ILogger<ServeFolders> log)
    {
        Models = Make(options.Value.Models, "models", log);
        Data = Make(options.Value.Data, "data", log);
        Workspace = Make(options.Value.Workspace, "workspace", log);
    }

    /// <summary>Folder of the models.</summary>
    public string Models { get; }

    /// <summary>Folder of the datasets.</summary>
    public string Data { get; }

    /// <summary>Folder of the server's state.</summary>
    public string Workspace { get; }

    /// <summary>A message for a client: without the places where this server keeps its files.</summary>
    public string WithoutPaths(string message) => message
        .Replace(Models, "models", StringComparison.Ordinal)
        .Replace(Data, "data", StringComparison.Ordinal)
        .Replace(Workspace, "workspace", StringComparison.Ordinal);

    private static string Make(string path, string role, ILogger log)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            HostingLog.FolderMade(log, role, path);
        }
        return path;
    }
}
