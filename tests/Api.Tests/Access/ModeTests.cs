using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serve.Api.Hosting;
using Serve.Api.Tests.Support;
using Serve.Eval;

namespace Serve.Api.Tests.Access;

/// <summary>When keys are needed.</summary>
public class ModeTests
{
    [Theory]
    [InlineData("http://0.0.0.0:0", "auto")]
    [InlineData("http://127.0.0.1:0;http://*:0", "auto")]
    [InlineData("http://127.0.0.1:0", "keys")]
    public async Task A_server_that_needs_keys_does_not_start_before_there_is_one_of_an_administrator(string urls, string mode)
    {
        using var folder = TestFiles.NewFolder();
        (string, string)[] settings = [("urls", urls), ("Serve:Access:Mode", mode)];

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => ServeApplication.StartAsync(folder.Path, settings));
        await KeyedServer.KeysAsync(folder, "create", "reader", "--role", "reader");
        await Assert.ThrowsAsync<InvalidInputException>(() => ServeApplication.StartAsync(folder.Path, settings));

        Assert.StartsWith($"The server would listen on {urls.Replace(";", ", ", StringComparison.Ordinal)} and take requests with a key only", fault.Message);
        Assert.Contains("./serve keys create admin --role administrator", fault.Message);
        Assert.Contains("SERVE__ACCESS__MODE=open", fault.Message);
    }

    [Fact]
    public async Task The_refusal_is_exit_code_2_and_the_command_that_it_names_mends_it()
    {
        using var folder = TestFiles.NewFolder();
        string[] switches = ["--urls", "http://0.0.0.0:0", "--models", folder.File("models"), "--data", folder.File("data"), "--workspace", folder.File("workspace"), "--device", "cpu"];

        var refused = await ServeProcess.RunAsync(switches);
        var created = await ServeProcess.RunAsync([.. switches, "keys", "create", "admin", "--role", "administrator"]);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("./serve keys create admin --role administrator", refused.Error);
        Assert.DoesNotContain("   at ", refused.Error);
        Assert.Equal(0, created.ExitCode);
        Assert.Matches(@"\Aserve_[a-z0-9]{8}_[A-Za-z0-9_-]{43}\s*\z", created.Output);
        await using var server = await ServeApplication.StartAsync(folder.Path, ("urls", "http://0.0.0.0:0"));
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Client.BaseAddress!.Port}") };
        using var without = await client.GetAsync("/v1/models", Token);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", created.Output.Trim());
        using var with = await client.GetAsync("/v1/models", Token);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (without.StatusCode, with.StatusCode));
        // Models are an administrator's, wherever the server listens.
        using var managed = await client.DeleteAsync("/v1/models/none", Token);
        Assert.Equal(HttpStatusCode.NotFound, managed.StatusCode);
    }

    [Fact]
    public async Task Open_lets_everybody_in_says_so_and_gives_nobody_keys()
    {
        using var folder = TestFiles.NewFolder();
        using var log = new RecordedLog();
        await using var server = await ServeApplication.StartAsync(
            folder.Path, services => services.AddSingleton<ILoggerProvider>(log), ("urls", "http://0.0.0.0:0"), ("Serve:Access:Mode", "open"));
        var address = new Uri($"http://127.0.0.1:{server.Client.BaseAddress!.Port}");

        using var models = await server.Client.GetAsync(new Uri(address, "/v1/models"), Token);
        using var keys = await server.Client.PostAsJsonAsync(new Uri(address, "/v1/keys"), new { name = "me", role = "administrator" }, Token);

        Assert.Equal(HttpStatusCode.OK, models.StatusCode);
        Assert.StartsWith("Keys cannot be managed over HTTP without one", (await Task.FromResult(keys).ProblemAsync(HttpStatusCode.Forbidden)).Detail());
        Assert.Contains("Serve:Access:Mode is open: whoever reaches http://0.0.0.0:0 may do everything without a key.", log.Text);
    }

    [Fact]
    public async Task On_loopback_no_key_is_needed_and_one_that_is_sent_counts()
    {
        using var folder = TestFiles.NewFolder();
        await using var server = await ServeApplication.StartAsync(folder.Path);
        var created = await server.Client.PostAsJsonAsync("/v1/keys", new { name = "eyes", role = "reader" }, Token).JsonAsync(HttpStatusCode.Created);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/keys");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (string)created["key"]!);

        using var refused = await server.Client.SendAsync(request, Token);
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/v1/keys") { Headers = { Host = "elsewhere.example" } };
        using var foreign = await server.Client.SendAsync(rebound, Token);

        Assert.Equal("local", (string)created["details"]!["createdBy"]!);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
    }

    [Fact]
    public async Task Metrics_need_a_key_where_the_operator_says_so()
    {
        using var folder = TestFiles.NewFolder();
        var key = await KeyedServer.KeysAsync(folder, "create", "admin", "--role", "administrator");
        await using var server = await ServeApplication.StartAsync(folder.Path, ("Serve:Access:Mode", "keys"), ("Serve:Access:OpenMetrics", "false"));

        using var without = await server.Client.GetAsync("/metrics", Token);
        server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var with = await server.Client.GetAsync("/metrics", Token);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (without.StatusCode, with.StatusCode));
    }

    [Fact]
    public void Keys_is_a_command_wherever_it_stands_among_the_switches()
    {
        Assert.Null(CommandLine.KeysOf(["--workspace", "keys"]));
        Assert.Null(CommandLine.KeysOf(["api", "--demo"]));
        var (switches, command) = CommandLine.KeysOf(["--workspace", "w", "keys", "create", "admin", "--role", "administrator", "--models=m"])!.Value;

        Assert.Equal(["--workspace", "w", "--models=m"], switches);
        Assert.Equal(["create", "admin", "--role", "administrator"], command);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
