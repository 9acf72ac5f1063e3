using Serve.Api.Tests.Support;

[assembly: AssemblyFixture(typeof(ServeFixture))]

namespace Serve.Api.Tests.Support;

/// <summary>One server with a small model and a small dataset, for all tests that change nothing in it.</summary>
public sealed class ServeFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();
    private ServeApplication? _application;

    /// <summary>Speaks to the server.</summary>
    public HttpClient Client => _application!.Client;

    internal IServiceProvider Services => _application!.Services;

    public async ValueTask InitializeAsync()
    {
        TestModel.Write(_folder.File("models"), "shapes", version: 1);
        TestModel.Write(_folder.File("models"), "shapes", version: 2);
        TestModel.Write(_folder.File("models"), "other", version: 1);
        TestDataset.Write(_folder.File("data/tiny"), images: 10);
        _application = await ServeApplication.StartAsync(
            _folder.Path, ("Serve:ShardImages", "4"), ("Serve:DefaultModel", "shapes"), ("Serve:MaxFilesPerRequest", "3"), ("Serve:MaxBytes", "2000000"),
            ("Serve:MaxRequestBytes", "4000000"), ("Serve:MaxUploadBytes", "1000000"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
            await _application.DisposeAsync();
        _folder.Dispose();
    }
}
