using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Serve.Api.Tests.Detection;
using Serve.Inference.Repository;

namespace Serve.Api.Tests.Support;

/// <summary>Two clients of a slow model that ask again as soon as they are answered: one picture runs, one waits, and whoever else comes has to wait as well.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private const int Clients = 2;

    private readonly CancellationTokenSource _over = new();
    private readonly Task[] _clients;

    private SteadyLoad(HttpClient client, string model)
        => _clients = [.. Enumerable.Range(0, Clients).Select(_ => AskAsync(client, model))];

    /// <summary>Begins to ask, and waits until one has to wait.</summary>
    public static async Task<SteadyLoad> StartAsync(ServeApplication server, string model)
    {
        var load = new SteadyLoad(server.Client, model);
        await WaitingAsync(server, model, 1);
        return load;
    }

    /// <summary>Waits until so many requests wait for a model's run.</summary>
    public static async Task WaitingAsync(ServeApplication server, string model, int waiting)
    {
        var models = server.Services.GetRequiredService<ModelRepository>();
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (!(models.Find(model, null).Loaded?.Waiting >= waiting))
        {
            Assert.True(DateTime.UtcNow < deadline, $"After 30 s no {waiting} requests wait.");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Ends the load once its last requests are answered; the test fails when one was not.</summary>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await Task.WhenAll(_clients);
        _over.Dispose();
    }

    private async Task AskAsync(HttpClient client, string model)
    {
        while (!_over.IsCancellationRequested)
        {
            using var response = await client.PostAsync($"/v1/detect?model={model}", DetectTests.Raw(TestPictures.Png()), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }
}
