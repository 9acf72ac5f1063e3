namespace Serve.Api.Hosting;

/// <summary>What the server says about its own start.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The {Role} folder {Path} was not there; an empty one was made.")]
    public static partial void FolderMade(ILogger log, string role, string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "Try it out:  {Url}/")]
    public static partial void TryOut(ILogger log, string url);

    [LoggerMessage(Level = LogLevel.Information, Message = "Swagger:     {Url}/swagger")]
    public static partial void Swagger(ILogger log, string url);

    [LoggerMessage(Level = LogLevel.Information, Message = "Detect:      curl -F image=@picture.jpg {Url}/v1/detect")]
    public static partial void Curl(ILogger log, string url);
}
