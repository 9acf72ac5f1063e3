using System.Text.Json;
using Serve.Cli.Bench;
using Serve.Inference.Pictures;

namespace Serve.Cli.Tests.Bench;

public class BenchCommandTests
{
    [Theory]
    [InlineData("--images no-such-folder", "--images: there is no folder no-such-folder.")]
    [InlineData("--images {0} --clients 0", "--clients: got 0, allowed are numbers from 1 to 4096")]
    [InlineData("--images {0} --clients 1.5", "--clients: got 1.5, allowed are whole numbers from 1.")]
    [InlineData("--images {0} --rate fast", "--rate: got fast")]
    [InlineData("--images {0} --rate 5 --arrivals bursts", "--arrivals: got bursts, allowed are random and even.")]
    [InlineData("--images {0} --clients 2 --arrivals even", "--arrivals: goes with --rate")]
    [InlineData("--images {0} --scenario server --arrivals even", "--scenario: chooses its own load")]
    [InlineData("--images {0} --scenario batch", "--scenario: got batch, allowed are single-stream, multi-stream, offline, server.")]
    [InlineData("--images {0} --scenario offline --clients 2", "--scenario: chooses its own load")]
    [InlineData("--images {0} --seconds 0", "--seconds: got 0, allowed is from 0.1")]
    [InlineData("--images {0} --url https://example.org", "allowed is an address that begins with http://")]
    [InlineData("--images {0} --pid 1", "--pid: goes with --url")]
    [InlineData("--images {0} --key serve_a_b", "--key: goes with --url")]
    [InlineData("--images {0} --url {1} --key Schlüssel", "--key: is empty or has a character that no key has")]
    [InlineData("--images {0} --url {1} -- --demo", "--demo: switches go to a server that is started here")]
    [InlineData("--images {0} --url http://127.0.0.1:9", "http://127.0.0.1:9 does not answer")]
    [InlineData("--images {0} --url {1}", "answered 404: nothing here")]
    public async Task Bad_input_ends_with_2_and_says_what_is_allowed(string arguments, string message)
    {
        await using var server = new FakeServer(_ => FakeServer.Answer(404, "nothing here"));
        using var folder = TestFiles.NewFolder();
        await File.WriteAllTextAsync(folder.File("a.jpg"), "a", TestContext.Current.CancellationToken);

        var run = await CommandRun.OfAsync(["bench", .. string.Format(arguments, folder.Path, server.Address.GetLeftPart(UriPartial.Authority)).Split(' ')]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public async Task Without_the_servers_program_the_message_says_how_to_start()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(BenchServer.ProgramVariable) is not null, $"{BenchServer.ProgramVariable} is set.");
        using var folder = TestFiles.NewFolder();
        await File.WriteAllTextAsync(folder.File("a.jpg"), "a", TestContext.Current.CancellationToken);

        var run = await CommandRun.OfAsync("bench", "--images", folder.Path);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("start with ./serve bench, or name a running server with --url", run.Error);
    }

    [Fact]
    public async Task A_server_of_its_own_is_started_measured_and_ended()
    {
        var program = Path.Combine(TestFiles.Root, "artifacts", "bin", "Api", "release", "Serve.Api.dll");
        Assert.SkipUnless(File.Exists(program), "The server is not built for release beside these tests.");
        using var folder = TestFiles.NewFolder();
        var grey = new Picture(320, 240, Enumerable.Repeat((byte)128, 3 * 320 * 240).ToArray());
        await File.WriteAllBytesAsync(folder.File("grey.png"), PictureEncoder.Encode(grey, "image/png"), TestContext.Current.CancellationToken);
        Environment.SetEnvironmentVariable(BenchServer.ProgramVariable, program);
        try
        {
            var run = await CommandRun.OfAsync(
                "bench", "--model", "demo-scenes", "--models", Path.Combine(TestFiles.Root, "models"), "--images", folder.Path, "--device", "cpu",
                "--clients", "2", "--rate", "5", "--seconds", "1", "--warm-up", "0.2", "--json", folder.File("bench.json"));

            Assert.True(run.ExitCode == 0, run.Error);
            using var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder.File("bench.json"), TestContext.Current.CancellationToken));
            foreach (var one in report.RootElement.GetProperty("runs").EnumerateArray())
            {
                Assert.True(one.GetProperty("requests").GetInt32() > 0);
                Assert.Empty(one.GetProperty("errors").EnumerateObject());
                Assert.True(one.GetProperty("stages").GetProperty("infer").GetDouble() > 0);
                Assert.InRange(one.GetProperty("latency").GetProperty("p50").GetDouble(), one.GetProperty("stages").GetProperty("infer").GetDouble() / 10, 60_000);
                Assert.True(one.GetProperty("use").GetProperty("memoryAtEnd").GetInt64() > 10_000_000);
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable(BenchServer.ProgramVariable, null);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_is_sent_with_every_request_and_stands_in_no_report(bool asOption)
    {
        const string key = "serve_12345678_secret";
        var heads = new System.Collections.Concurrent.ConcurrentBag<string>();
        await using var server = new FakeServer((_, head) =>
        {
            heads.Add(head);
            return ValueTask.FromResult(System.Text.Encoding.ASCII.GetBytes(FakeServer.Answer(200, "{}")));
        });
        using var folder = TestFiles.NewFolder();
        await File.WriteAllTextAsync(folder.File("a.jpg"), "a", TestContext.Current.CancellationToken);
        string[] arguments =
            ["bench", "--images", folder.Path, "--url", $"{server.Address}", "--clients", "1", "--seconds", "0.1", "--warm-up", "0", "--requests", "5", "--json", folder.File("bench.json")];
        Environment.SetEnvironmentVariable("SERVE_KEY", asOption ? null : key);
        try
        {
            var run = await CommandRun.OfAsync(asOption ? [.. arguments, "--key", key] : arguments);

            Assert.True(run.ExitCode == 0, run.Error);
            Assert.Contains(heads, head => head.StartsWith("POST", StringComparison.Ordinal));
            Assert.Contains(heads, head => head.StartsWith("GET /metrics", StringComparison.Ordinal));
            Assert.All(heads, head => Assert.Contains($"\r\nAuthorization: Bearer {key}", head));
            var report = await File.ReadAllTextAsync(folder.File("bench.json"), TestContext.Current.CancellationToken);
            Assert.DoesNotContain("secret", report + run.Output + run.Error, StringComparison.Ordinal);
            Assert.Equal(asOption, report.Contains("--key KEY", StringComparison.Ordinal));
        }
        finally
        {
            Environment.SetEnvironmentVariable("SERVE_KEY", null);
        }
    }

    [Theory]
    [InlineData("single-stream", 1)]
    [InlineData("multi-stream", 1)]
    [InlineData("offline", 1)]
    [InlineData("server", 9)]
    public async Task A_scenario_runs_against_any_server_and_ends_with_its_figure(string scenario, int runs)
    {
        await using var server = new FakeServer(_ => FakeServer.Answer(200, "{}"));
        using var folder = TestFiles.NewFolder();
        await File.WriteAllTextAsync(folder.File("a.jpg"), "a", TestContext.Current.CancellationToken);

        var run = await CommandRun.OfAsync(
            "bench", "--images", folder.Path, "--url", $"{server.Address}detect", "--scenario", scenario, "--seconds", "0.2", "--warm-up", "0.1", "--requests", "30",
            "--json", folder.File("bench.json"));

        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"{scenario}: ", run.Output);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder.File("bench.json"), TestContext.Current.CancellationToken));
        Assert.Equal(runs, report.RootElement.GetProperty("runs").GetArrayLength());
        Assert.All(report.RootElement.GetProperty("runs").EnumerateArray(), one => Assert.True(one.GetProperty("requests").GetInt32() > 0));
        Assert.Equal(JsonValueKind.Null, report.RootElement.GetProperty("runs")[0].GetProperty("stages").ValueKind);
    }
}
