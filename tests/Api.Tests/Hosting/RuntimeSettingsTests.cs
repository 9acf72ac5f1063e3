using System.Text.Json.Nodes;

namespace Serve.Api.Tests.Hosting;

/// <summary>A property that is misspelt in the project is no error to the build, and changes nothing.</summary>
public class RuntimeSettingsTests
{
    [Theory]
    [InlineData("System.GC.Server", "false")]
    [InlineData("System.GC.Concurrent", "false")]
    [InlineData("System.GC.ConserveMemory", "5")]
    [InlineData("System.GC.Gen0MaxBudget", "2097152")]
    [InlineData("System.GC.RegionSize", "1048576")]
    [InlineData("System.Runtime.TieredCompilation", "false")]
    [InlineData("System.Globalization.Invariant", "true")]
    public async Task The_server_runs_with(string setting, string value)
    {
        var file = Path.ChangeExtension(typeof(Program).Assembly.Location, ".runtimeconfig.json");
        var properties = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!["runtimeOptions"]!["configProperties"]!;

        Assert.Equal(value, properties[setting]?.ToJsonString());
    }
}
