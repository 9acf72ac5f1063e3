using Microsoft.Extensions.DependencyInjection;
using Quartz;
using Serve.Api.Access;
using Serve.Api.Jobs;
using Serve.Api.Storage;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Evaluation;

/// <summary>The database and the job engine cost tens of megabytes; a server that only detects goes without them.</summary>
public class UnusedEvaluationTests
{
    [Fact]
    public async Task Detecting_opens_neither_the_database_nor_the_engine_and_an_evaluation_opens_both()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        TestDataset.Write(folder.File("data/tiny"), images: 4);
        await using var server = await ServeApplication.StartAsync(folder.Path);
        var engine = server.Services.GetRequiredService<JobEngine>();

        await DetectAsync(server.Client);
        await AssertReadyAsync(server.Client);
        await server.Services.GetRequiredService<AccessUpkeep>().RunAsync(TestContext.Current.CancellationToken);
        Assert.Null(engine.Status);
        Assert.True(server.Services.GetRequiredService<DatabaseFactory>().IsEmpty);

        await server.Client.GetAsync("/v1/evaluations", TestContext.Current.CancellationToken).JsonAsync();
        Assert.Null(engine.Status);
        Assert.False(server.Services.GetRequiredService<DatabaseFactory>().IsEmpty);

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

    [Fact]
    public async Task A_process_that_detects_loads_neither_the_object_mapper_nor_the_driver_of_a_database_nor_the_job_engine()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The files that a process has loaded are in /proc.");
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        await using var server = await ServeProcess.StartAsync(folder.Path);

        await DetectAsync(server.Client);
        await AssertReadyAsync(server.Client);

        var loaded = await File.ReadAllTextAsync($"/proc/{server.Id}/maps", TestContext.Current.CancellationToken);
        Assert.Contains("Serve.Inference.dll", loaded);
        foreach (var unused in (string[])["Microsoft.EntityFrameworkCore.dll", "Microsoft.EntityFrameworkCore.Relational.dll", "Microsoft.Data.Sqlite.dll", "Npgsql.dll", "Quartz.dll"])
            Assert.DoesNotContain(unused, loaded);
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
