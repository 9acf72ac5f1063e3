using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Serve.Api.Tests.Access;
using Serve.Api.Tests.Support;
using Serve.Client;

namespace Serve.Api.Tests.Clients;

/// <summary>The programs of docs/clients.md, each against a server that needs a key.</summary>
public sealed partial class ClientsPageTests : OwnServer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private string _key = "";

    private protected override async Task<ServeApplication> StartAsync()
    {
        TestModel.Write(Folder.File("models"), "demo-scenes", version: 1);
        TestDataset.Write(Folder.File("data/demo-scenes"), images: 4);
        await File.WriteAllBytesAsync(Folder.File("picture.jpg"), TestPictures.Png(1, 64, 48), Token);
        var truth = JsonNode.Parse(await File.ReadAllTextAsync(Folder.File("data/demo-scenes/annotations/instances_test.json"), Token))!["annotations"]!.AsArray();
        await File.WriteAllTextAsync(Folder.File("detections.json"), JsonSerializer.Serialize(truth.Select(box => new
        {
            image_id = (int)box!["image_id"]!,
            category_id = (int)box["category_id"]!,
            bbox = box["bbox"],
            score = 0.9,
        })), Token);
        await KeyedServer.KeysAsync(Folder, "create", "admin", "--role", "administrator");
        var host = await KeyedServer.KeysAsync(Folder, "create", "host", "--role", "host");
        _key = await KeyedServer.KeysAsync(Folder, "create", "client", "--role", "submitter");
        var server = await ServeApplication.StartAsync(Folder.Path, ("Serve:Access:Mode", "keys"), ("Serve:ShardImages", "2"));
        await OpenLeaderboardAsync(server.Client.BaseAddress!, host);
        return server;
    }

    [Fact]
    public async Task The_curl_lines_run()
    {
        var told = await RunAsync("bash", "set -euo pipefail\n" + ProgramOf("bash"), "sh", []);

        Assert.Contains("\"category\":\"light\"", told);
        Assert.Equal("PNG"u8.ToArray(), (await File.ReadAllBytesAsync(Folder.File("drawn.png"), Token))[1..4]);
        Assert.Contains("progress {", told);
        Assert.Contains("done {", told);
        Assert.Contains("AP,", told);
        Assert.Contains("\"state\":\"queued\"", told);
        Assert.Contains("\"quota\":", told);
        Assert.Contains("\"title\":\"Scenes\"", told);
    }

    [Fact]
    public async Task The_python_program_runs()
    {
        var told = await RunAsync("python3", ProgramOf("python"), "py", []);

        Assert.Contains("light 0.", told);
        Assert.Matches(@"(?m)^done 100%", told);
        Assert.Contains("{'AP': ", told);
        Assert.Contains("400 ['detections[0]", told);
        Assert.Matches(@"(?m)^202 /v1/evaluations/", told);
        Assert.Matches(@"(?m)^\d+ submissions left until 20", told);
        Assert.Matches(@"(?m)1 Ours 1\.000 \[1\.000, 1\.000\]", told);
    }

    [Fact]
    public async Task The_typescript_program_runs()
    {
        var version = await VersionOfNodeAsync();
        Assert.SkipUnless(version >= new Version(22, 6), $"TypeScript needs Node 22.6 or later, which takes types away by itself; here is {version?.ToString() ?? "none"}.");

        var told = await RunAsync("node", ProgramOf("typescript"), "mts", ["--experimental-strip-types"]);

        Assert.Contains("light 0.", told);
        Assert.Matches(@"(?m)^done 100 %", told);
        Assert.Contains("AP: ", told);
        Assert.Contains("400 [", told);
        Assert.Matches(@"(?m)^202 /v1/evaluations/", told);
        Assert.Matches(@"(?m)^\d+ submissions left until 20", told);
        Assert.Matches(@"(?m)1 Ours 1\.000 \[1\.000, 1\.000\]", told);
    }

    [Fact]
    public async Task The_csharp_program_is_the_one_that_is_compiled_here_and_runs()
    {
        var compiled = Lines(await File.ReadAllTextAsync(Path.Combine(TestFiles.Root, "tests", "Api.Tests", "Clients", "ClientExamples.cs"), Token));

        Assert.All(BlocksOf("csharp"), block => Assert.Contains(Lines(block), compiled));
        await ClientExamples.RunAsync(Client.BaseAddress!.ToString(), _key, Folder.File("picture.jpg"), Folder.File("detections.json"), Token);

        static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()));
    }

    [Fact]
    public void Every_language_shows_every_step()
    {
        Assert.Equal(5, BlocksOf("bash").Count);
        Assert.Equal(5, BlocksOf("python").Count);
        Assert.Equal(5, BlocksOf("typescript").Count);
        Assert.Equal(7, BlocksOf("csharp").Count);
    }

    private static async Task OpenLeaderboardAsync(Uri address, string host)
    {
        using var http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", host);
        await new ServeClient(http).CreateLeaderboardAsync(
            new LeaderboardRequest { Name = "scenes", Title = "Scenes", Protocol = "coco-bbox", Datasets = [new LeaderboardDatasetRequest { Name = "demo-scenes", Split = "test" }] },
            cancellationToken: Token);
    }

    private static string ProgramOf(string language) => string.Join("\n", BlocksOf(language));

    private static List<string> BlocksOf(string language)
        => [.. Block().Matches(File.ReadAllText(Path.Combine(TestFiles.Root, "docs", "clients.md"))).Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["text"].Value)];

    /// <summary>Runs a program beside the picture and the detections, and gives what it wrote.</summary>
    private async Task<string> RunAsync(string program, string text, string ending, string[] switches)
    {
        await File.WriteAllTextAsync(Folder.File($"program.{ending}"), text, Token);
        var start = new ProcessStartInfo(program, [.. switches, $"program.{ending}"])
        {
            WorkingDirectory = Folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["SERVE"] = Client.BaseAddress!.ToString().TrimEnd('/'), ["SERVE_KEY"] = _key },
        };
        using var process = Started(start);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}:\n{await errors}\n{await output}");
        return await output;
    }

    private static Process Started(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{start.FileName} is not installed.");
            throw;
        }
    }

    private static async Task<Version?> VersionOfNodeAsync()
    {
        try
        {
            using var node = Process.Start(new ProcessStartInfo("node", "--version") { RedirectStandardOutput = true })!;
            var told = await node.StandardOutput.ReadToEndAsync(Token);
            await node.WaitForExitAsync(Token);
            return Version.TryParse(told.Trim().TrimStart('v'), out var version) ? version : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
