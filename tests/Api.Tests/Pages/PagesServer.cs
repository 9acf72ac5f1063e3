using Serve.Api.Tests.Pages;
using Serve.Api.Tests.Support;
using Serve.Inference.Scenes;

[assembly: AssemblyFixture(typeof(PagesServer))]

namespace Serve.Api.Tests.Pages;

/// <summary>
/// A server as a new user has it, for tests of pages: the models of the repository, and the generated dataset, smaller. It starts when the first of them asks. Tests
/// may add to it, and change what they have added.
/// </summary>
public sealed class PagesServer : IAsyncDisposable
{
    /// <summary>Name of the dataset, and of the model that was trained on its like.</summary>
    internal const string Scenes = "demo-scenes";

    private readonly TemporaryFolder _folder = TestFiles.NewFolder();
    private readonly Lazy<Task<ServeApplication>> _server;

    public PagesServer() => _server = new(StartAsync);

    /// <summary>A picture of the dataset, with objects that the model finds.</summary>
    internal string Picture => Directory.EnumerateFiles(_folder.File($"data/{Scenes}/images"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();

    internal async Task<Uri> AddressAsync() => (await ClientAsync()).BaseAddress!;

    internal async Task<HttpClient> ClientAsync() => (await _server.Value).Client;

    public async ValueTask DisposeAsync()
    {
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await _server.Value).DisposeAsync();
        _folder.Dispose();
    }

    private async Task<ServeApplication> StartAsync()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(TestFiles.Root, "models"), "*", SearchOption.AllDirectories))
        {
            var copy = _folder.File(Path.GetRelativePath(TestFiles.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        await SceneDataset.WriteAsync(_folder.File($"data/{Scenes}"), new SceneOptions { Train = 1, Val = 8, Test = 12 }, progress: null, CancellationToken.None);
        // One picture at a time, so that loading a model does not measure what several take together.
        return await ServeApplication.StartAsync(_folder.Path, ("Serve:DefaultModel", Scenes), ("Serve:Run:MaxBatch", "1"));
    }
}
