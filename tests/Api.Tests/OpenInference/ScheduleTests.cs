using System.Collections.Concurrent;
using System.Net;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.OpenInference;

/// <summary>Priority, timeout and a full queue, before a model that is slow.</summary>
public sealed class ScheduleTests : OwnServer
{
    private protected override Task<ServeApplication> StartAsync()
    {
        TestModel.WriteSlow(Folder.File("models"), "slow", version: 1);
        return ServeApplication.StartAsync(
            Folder.Path, ("Serve:MaxConcurrentRequests", "24"), ("Serve:MaxQueuedRequests", "1"), ("Serve:Run:Runners", "1"), ("Serve:Run:Threads", "1"), ("Serve:Run:MaxBatch", "1"));
    }

    [Fact]
    public async Task Priority_1_overtakes_those_that_wait_with_2()
    {
        var finished = new ConcurrentQueue<string>();
        var waiting = Enumerable.Range(0, 16).Select(_ => InferAsync("""{"priority":2}""", finished, "second")).ToList();
        await SteadyLoad.WaitingAsync(Server, "slow", 10);

        await InferAsync("""{"priority":1}""", finished, "first");

        // Ten waited when it was sent. Those that ran before it came end before it, and so may one or two whose answers overtake it on the way.
        Assert.InRange(finished.ToList().IndexOf("first"), 0, 11);
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task A_timeout_that_passes_in_the_queue_is_504()
    {
        await using var load = await SteadyLoad.StartAsync(Server, "slow");

        var error = await Client.InferPicturesAsync("slow", [TestPictures.Png()], """{"timeout":1,"priority":100}""").ErrorAsync(HttpStatusCode.GatewayTimeout);

        Assert.NotEmpty(error);
    }

    [Fact]
    public async Task A_full_queue_is_503_and_says_when_to_come_again()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Client.InferPicturesAsync("slow", [TestPictures.Png()])));

        var refused = all.Where(response => response.StatusCode != HttpStatusCode.OK).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, response => Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode));
        Assert.All(refused, response => Assert.NotNull(response.Headers.RetryAfter));
        await Task.FromResult(refused[0]).ErrorAsync(HttpStatusCode.ServiceUnavailable);
        Assert.True(all.Length - refused.Count >= 24, $"{refused.Count} of {all.Length} were refused.");
    }

    [Fact]
    public async Task A_client_that_goes_leaves_the_queue()
    {
        var waiting = Enumerable.Range(0, 8).Select(_ => InferAsync("{}", [], "")).ToList();
        await SteadyLoad.WaitingAsync(Server, "slow", 4);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var content = new ByteArrayContent(TestPictures.Png());
        content.Headers.Add("Inference-Header-Content-Length", "0");
        var leaving = Client.PostAsync("/v2/models/slow/infer", content, gone.Token);
        await Task.Delay(20, TestContext.Current.CancellationToken);
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        await Task.WhenAll(waiting);
        using var after = await Client.InferPicturesAsync("slow", [TestPictures.Png()]);

        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    private async Task InferAsync(string parameters, ConcurrentQueue<string> finished, string name)
    {
        using var response = await Client.InferPicturesAsync("slow", [TestPictures.Png()], parameters);
        finished.Enqueue(name);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
