using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Access;

/// <summary>A server that needs keys, with an administrator's made on the command line, and one of each role made over HTTP.</summary>
public abstract class KeyedServer : OwnServer
{
    private protected RecordedLog Log { get; } = new();

    /// <summary>The administrator's key.</summary>
    private protected string Administrator { get; private set; } = "";

    /// <summary>Settings of the server beside those that make it need keys.</summary>
    private protected virtual (string Key, string Value)[] Settings => [];

    private protected override async Task<ServeApplication> StartAsync()
    {
        TestModel.Write(Folder.File("models"), "shapes", version: 1);
        TestDataset.Write(Folder.File("data/tiny"), images: 4);
        Administrator = await KeysAsync(Folder, "create", "admin", "--role", "administrator");
        return await ServeApplication.StartAsync(
            Folder.Path, services => services.AddSingleton<ILoggerProvider>(Log), [("Serve:Access:Mode", "keys"), ("Serve:WatchModels", "false"), .. Settings]);
    }

    /// <summary>Runs <c>serve keys</c> on the folder's server.</summary>
    /// <returns>What it wrote to its output.</returns>
    internal static async Task<string> KeysAsync(TemporaryFolder folder, params string[] command)
    {
        using var output = new StringWriter();
        using var remarks = new StringWriter();
        await Program.RunKeysAsync(["--models", folder.File("models"), "--data", folder.File("data"), "--workspace", folder.File("workspace")], command, output, remarks, Token);
        return output.ToString().Trim();
    }

    /// <summary>Makes a key over HTTP.</summary>
    private protected async Task<string> NewKeyAsync(string name, string role)
        => (string)(await SendAsync(HttpMethod.Post, "/v1/keys", Administrator, JsonContent.Create(new { name, role })).JsonAsync(HttpStatusCode.Created))["key"]!;

    private protected Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? key, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return Client.SendAsync(request, Token);
    }

    private protected Task<HttpResponseMessage> GetAsync(string path, string? key) => SendAsync(HttpMethod.Get, path, key);

    private protected async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, string? key, HttpContent? content = null)
    {
        using var response = await SendAsync(method, path, key, content);
        return response.StatusCode;
    }
}

/// <summary>Everything that a server logs, whatever its level.</summary>
internal sealed class RecordedLog : ILoggerProvider
{
    private readonly List<string> _lines = [];

    public string Text
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(_lines);

    public void Dispose()
    {
    }

    private sealed class Logger(List<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines)
                lines.Add($"{formatter(state, exception)} {exception}");
        }
    }
}
