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
    }
}
