using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Serve.Api.Tests.Detection;
using Serve.Api.Tests.Support;
using Serve.Inference.Repository;

namespace Serve.Api.Tests.Limits;

/// <summary>A model that is slower than its clients.</summary>
public sealed class BusyTests : OwnServer
{
    private protected override Task<ServeApplication> StartAsync()
    {
        TestModel.WriteSlow(Folder.File("models"), "slow", version: 1);
        return ServeApplication.StartAsync(
            Folder.Path, ("Serve:Run:QueueLimit", "2"), ("Serve:Run:Runners", "1"), ("Serve:Run:Threads", "1"), ("Serve:Run:MaxBatch", "1"));
    }

    [Fact]
    public async Task A_full_queue_of_a_model_is_503_with_RetryAfter_and_the_others_are_answered()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => DetectAsync("")));

        var refused = answers.Where(answer => answer.StatusCode == HttpStatusCode.ServiceUnavailable).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, answer => Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta));
        var problem = await Task.FromResult(refused[0]).ProblemAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(2, (int)problem["queueLimit"]!);
        Assert.All(answers.Except(refused), answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.True(answers.Length - refused.Count >= 2, "Two wait, and a third runs if it was taken before the others came.");
    }

    [Fact]
    public async Task A_request_that_waits_longer_than_it_may_is_504()
    {
        await using var load = await SteadyLoad.StartAsync(Server, "slow");

        // After all others in turn.
        var problem = await DetectAsync("?timeout=1&priority=100").ProblemAsync(HttpStatusCode.GatewayTimeout);

        Assert.Contains("it waited longer than 1 ms", problem.Detail());
    }

    [Fact]
    public async Task A_client_that_goes_leaves_its_place_in_the_queue()
    {
        using var gone = new CancellationTokenSource();
        var first = DetectAsync("");
        var leaving = Task.WhenAll(DetectAsync("", gone.Token), DetectAsync("", gone.Token));

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);

        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        var models = Server.Services.GetRequiredService<ModelRepository>();
        var deadline = DateTime.UtcNow.AddSeconds(10);
        while (models.Find("slow", 1).InUse > 0 && DateTime.UtcNow < deadline)
            await Task.Delay(5, Token);
        Assert.Equal(0, models.Find("slow", 1).InUse);
        Assert.Equal(HttpStatusCode.OK, (await DetectAsync("")).StatusCode);
    }

    private Task<HttpResponseMessage> DetectAsync(string query, CancellationToken? ct = null)
        => Client.PostAsync($"/v1/detect{query}", DetectTests.Raw(TestPictures.Png()), ct ?? Token);
}
