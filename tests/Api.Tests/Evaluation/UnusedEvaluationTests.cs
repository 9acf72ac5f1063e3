using Microsoft.Extensions.DependencyInjection;
using Quartz;
using Serve.Api.Evaluation.Jobs;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Evaluation;

/// <summary>The job engine costs megabytes and asks its tables each second; a server that only detects goes without it.</summary>
public class UnusedEvaluationTests
{
    [Fact]
    public async Task Detecting_starts_no_engine_and_an_evaluation_does()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        TestDataset.Write(folder.File("data/tiny"), images: 4);
        await using var server = await ServeApplication.StartAsync(folder.Path);
        var engine = server.Services.GetRequiredService<JobEngine>();

        await DetectAsync(server.Client);
        await AssertReadyAsync(server.Client);
        Assert.Null(engine.Status);

        await server.Client.GetAsync("/v1/evaluations", TestContext.Current.CancellationToken).JsonAsync();
        Assert.Null(engine.Status);

        var document = await server.Client.WaitUntilOverAsync(await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" }));
        Assert.Equal("done", (string)document["state"]!);
        Assert.Equal(SchedulerStatus.Running, engine.Status);
        await AssertReadyAsync(server.Client);
    }

    [Fact]
    public async Task Evaluations_that_are_over_start_no_engine()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        TestDataset.Write(folder.File("data/tiny"), images: 4);
        Uri address;
        await using (var first = await ServeApplication.StartAsync(folder.Path))
            await first.Client.WaitUntilOverAsync(address = await first.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" }));

        await using var second = await ServeApplication.StartAsync(folder.Path);
        var document = await second.Client.WaitUntilOverAsync(address);

        Assert.Equal("done", (string)document["state"]!);
        Assert.Null(second.Services.GetRequiredService<JobEngine>().Status);
    }

    private static async Task DetectAsync(HttpClient client)
    {
        using var picture = new ByteArrayContent(TestPictures.Jpeg(5, 64, 48));
        await client.PostAsync("/v1/detect", picture, TestContext.Current.CancellationToken).JsonAsync();
    }

    private static async Task AssertReadyAsync(HttpClient client)
    {
        var ready = await client.GetAsync("/health/ready", TestContext.Current.CancellationToken).JsonAsync();
        Assert.Equal("ready", (string)ready["status"]!);
        Assert.All(ready["checks"]!.AsArray(), check => Assert.True((bool)check!["ok"]!));
    }
}
