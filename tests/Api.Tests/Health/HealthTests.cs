using System.Net;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Health;

public class HealthTests(ServeFixture serve)
{
    [Fact]
    public async Task Live_answers_while_the_process_lives()
        => Assert.Equal("live", (string)(await serve.Client.GetAsync("/health/live", TestContext.Current.CancellationToken).JsonAsync())["status"]!);

    [Fact]
    public async Task Ready_tells_device_models_and_checks()
    {
        var ready = await serve.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken).JsonAsync();

        Assert.Equal("ready", (string)ready["status"]!);
        Assert.Equal("cpu", (string)ready["device"]!);
        Assert.Equal(3, (int)ready["models"]!);
        Assert.Equal(["models", "database", "jobs"], ready["checks"]!.AsArray().Select(check => (string)check!["name"]!));
        Assert.All(ready["checks"]!.AsArray(), check => Assert.Null(check!["detail"]));
    }

    [Fact]
    public async Task Ready_tells_which_versions_cannot_be_served_and_why()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "parts", version: 1);
        File.WriteAllText(Path.Combine(TestModel.Write(folder.File("models"), "parts", version: 2), "model.onnx"), "no model");
        await using var server = await ServeApplication.StartAsync(folder.Path);

        var check = (await server.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken).JsonAsync())["checks"]![0]!;

        Assert.True((bool)check["ok"]!);
        Assert.StartsWith("parts 2 cannot be served: models/parts/2/model.onnx: ", (string)check["detail"]!);
    }

    [Fact]
    public async Task Ready_is_503_while_there_are_no_models_and_their_folder_cannot_be_read()
    {
        using var folder = TestFiles.NewFolder();
        await using var server = await ServeApplication.StartAsync(folder.Path, ("Serve:ModelRescanSeconds", "1"));
        await server.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken).JsonAsync();

        Directory.Delete(folder.File("models"));
        var detail = await UntilAsync(server, HttpStatusCode.ServiceUnavailable);
        Directory.CreateDirectory(folder.File("models"));
        var after = await UntilAsync(server, HttpStatusCode.OK);

        Assert.Equal("models: the models folder cannot be read (DirectoryNotFoundException).", detail);
        Assert.Null(after);
    }

    /// <summary>Asks until the answer has a status, and gives what it says of the models.</summary>
    private static async Task<string?> UntilAsync(ServeApplication server, HttpStatusCode status)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            using var response = await server.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (response.StatusCode == status)
                return (string?)JsonNode.Parse(body)!["checks"]![0]!["detail"];
            Assert.True(DateTime.UtcNow < deadline, $"Not {status} after 30 s: {body}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
