using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Telemetry;

/// <summary>What the server calls itself in metrics and traces.</summary>
public class ResourceTests
{
    [Fact]
    public async Task The_service_is_called_serve_unless_the_standard_variables_say_otherwise()
    {
        var usual = await ResourceAsync();
        var named = await ResourceAsync(("OTEL_SERVICE_NAME", "parts"), ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=plant,service.version=7"));

        Assert.Contains("service_name=\"serve\"", usual);
        Assert.Contains("service_name=\"parts\"", named);
        Assert.Contains("deployment_environment_name=\"plant\"", named);
        Assert.Contains("service_version=\"7\"", named);
    }

    private static async Task<string> ResourceAsync(params (string, string)[] settings)
    {
        using var folder = TestFiles.NewFolder();
        await using var server = await ServeApplication.StartAsync(folder.Path, settings);
        var scrape = await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        return Assert.Single(scrape.Split('\n'), line => line.StartsWith("target_info{", StringComparison.Ordinal));
    }
}
