namespace Serve.Api.Tests.Support;

/// <summary>A server of its own, on a folder of its own, for each test of a class that changes what its server has.</summary>
public abstract class OwnServer : IAsyncLifetime
{
    private ServeApplication? _server;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected TemporaryFolder Folder { get; } = TestFiles.NewFolder();

    private protected ServeApplication Server => _server!;

    private protected HttpClient Client => Server.Client;

    public async ValueTask InitializeAsync() => _server = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Fills the folder and starts the server.</summary>
    private protected abstract Task<ServeApplication> StartAsync();
}
