using System.CommandLine;
using System.Globalization;
using Serve.Cli.Models;
using Serve.Eval;
using Serve.EvalCli;

namespace Serve.Cli.Bench;

/// <summary><c>serve bench</c>: measures a server under load, over HTTP.</summary>
internal static class BenchCommand
{
    private const string KeyVariable = "SERVE_KEY";

    public static Command Create()
    {
        var model = new Option<string?>("--model") { Description = "Name of a model in the models folder, with an optional version (name:2); the server's default model when not given." };
        var images = new Option<string>("--images") { Description = "Folder of pictures to send, with its subfolders.", Required = true };
        var clients = new Option<string?>("--clients") { Description = "Closed loop: clients that each wait for their answer; several numbers run in turn (1,8,32). 8 when no load is given." };
        var rate = new Option<string?>("--rate") { Description = "Open loop: requests a second, whatever the server does; several numbers run in turn." };
        var arrivals = new Option<string>("--arrivals") { Description = "How requests of --rate are spread: random, as those of many users are, or even, like the frames of a camera.", DefaultValueFactory = _ => "random" };
        var scenario = new Option<string?>("--scenario") { Description = "Instead of --clients and --rate: single-stream, multi-stream, offline or server." };
        var bound = new Option<double>("--latency-bound") { Description = "Milliseconds that the 99th percentile must keep within, in the scenario server.", DefaultValueFactory = _ => 100 };
        var seconds = new Option<double>("--seconds") { Description = "Length of each run.", DefaultValueFactory = _ => 10 };
        var warmUp = new Option<double>("--warm-up") { Description = "Seconds of load before each run that do not count.", DefaultValueFactory = _ => 3 };
        var requests = new Option<int>("--requests") { Description = "At most so many requests a run.", DefaultValueFactory = _ => int.MaxValue };
        var seed = new Option<long>("--seed") { Description = "Seed of the random arrivals." };
        var url = new Option<string?>("--url") { Description = "A running server, instead of one of its own; with a path, pictures are posted there (any server that takes a picture as the body)." };
        var key = new Option<string?>("--key") { Description = $"Key that the server of --url needs; {KeyVariable} in the environment does the same and is not seen in lists of processes." };
        var pid = new Option<int?>("--pid") { Description = "Process of the server of --url, to see its memory and cores." };
        var models = ModelOptions.Models();
        var device = ModelOptions.Device();
        var json = new Option<string?>("--json") { Description = "File for the figures, for programs." };
        var switches = new Argument<string[]>("switch") { Description = "After --: switches of the server that is started.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(
            "bench",
            """
            Measures a server under load, over HTTP: images a second, percentiles of the latency, where the time goes, memory.
            Without --url it starts a server of its own on a free port, and ends it.
            Examples: serve bench --model blood-cells --images photos --clients 1,8,32
                      serve bench --model blood-cells --images photos --rate 20 --seconds 60 --json bench.json
                      serve bench --model blood-cells --images photos --scenario server --latency-bound 100
                      SERVE_KEY=serve_… serve bench --images photos --url http://10.0.0.5:8080
            """)
        {
            model, images, clients, rate, arrivals, scenario, bound, seconds, warmUp, requests, seed, url, key, pid, models, device, json, switches,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var (closed, open) = (Numbers("--clients", parsed.GetValue(clients), 1, 4096), Numbers("--rate", parsed.GetValue(rate), 0.01, 1e6));
            var named = parsed.GetValue(scenario);
            var spread = Spread(parsed.GetValue(arrivals)!);
            if (named is not null && (closed.Count + open.Count > 0 || spread != ArrivalKind.Random))
                throw new InvalidInputException("--scenario: chooses its own load; leave out --clients, --rate and --arrivals.");
            if (spread != ArrivalKind.Random && open.Count == 0)
                throw new InvalidInputException("--arrivals: goes with --rate; clients of a closed loop send when they have their answer.");
            if (closed.FirstOrDefault(number => number != Math.Floor(number)) is var broken and not 0)
                throw new InvalidInputException($"--clients: got {broken}, allowed are whole numbers from 1.");
            if (named is null && closed.Count + open.Count == 0)
                closed = [8];
            var limits = new BenchLimits(
                Seconds("--warm-up", parsed.GetValue(warmUp), 0), Seconds("--seconds", parsed.GetValue(seconds), 0.1),
                ModelOptions.AtLeastOne("--requests", parsed.GetValue(requests)), spread, parsed.GetValue(seed));
            var latencyBound = Seconds("--latency-bound", parsed.GetValue(bound), 0.01).TotalSeconds;
            var chosen = named is null ? null : Scenarios.Find(named, latencyBound);
            var files = PictureRequests.Files(parsed.GetValue(images)!);
            var given = parsed.GetValue(url) is { } text ? Address(text) : null;
            if (given is null && parsed.GetValue(pid) is not null)
                throw new InvalidInputException("--pid: goes with --url; of a server of its own the process is known.");
            if (given is null && parsed.GetValue(key) is not null)
                throw new InvalidInputException("--key: goes with --url; a server of its own needs none.");
            var secret = given is null ? null : Key(parsed.GetValue(key));
            if (given is not null && parsed.GetValue(switches) is { Length: > 0 } extra)
                throw new InvalidInputException($"{extra[0]}: switches go to a server that is started here; --url names one that runs.");
            if (parsed.GetValue(json) is { } checkedFile)
                Files.RequireWritable(checkedFile, "--json");

            var error = parsed.InvocationConfiguration.Error;
            await using var server = given is null
                ? await BenchServer.StartAsync(ModelOptions.Folder(parsed.GetValue(models)), parsed.GetValue(device)!, parsed.GetValue(switches)!, ct)
                : null;
            var target = Target(given ?? server!.Address, parsed.GetValue(model));
            using var http = new HttpClient();
            if (secret is not null)
                http.DefaultRequestHeaders.Authorization = new("Bearer", secret);
            var run = new BenchRun(target, secret, files, server?.Pid ?? parsed.GetValue(pid), limits, new MetricsPage(http, target), error);
            await run.FirstAsync(ct);
            var outcome = chosen is not null
                ? await chosen(run, ct)
                : new Scenarios.Outcome(await LoadsAsync(run, closed, open, ct), null);
            var report = BenchReport.Of(CommandText.Of(parsed, secret), target, files.Count, run.PictureBytes, outcome.Runs, outcome.Figure);
            await parsed.InvocationConfiguration.Output.WriteAsync(report.ToText());
            // What was measured before Ctrl-C is kept.
            if (parsed.GetValue(json) is { } file)
                await Files.WriteAsync(file, report.ToJson(), CancellationToken.None);
            ct.ThrowIfCancellationRequested();
            return 0;
        });
        return command;
    }

    private static async Task<IReadOnlyList<LoadResult>> LoadsAsync(BenchRun run, IReadOnlyList<double> clients, IReadOnlyList<double> rates, CancellationToken ct)
    {
        var results = new List<LoadResult>();
        foreach (var count in clients)
        {
            if (results.Count == 0 || !ct.IsCancellationRequested)
                results.Add(await run.ClosedAsync((int)count, ct));
        }

        foreach (var rate in rates)
        {
            if (results.Count == 0 || !ct.IsCancellationRequested)
                results.Add(await run.OpenAsync(rate, ct));
        }

        return results;
    }

    private static List<double> Numbers(string option, string? text, double least, double most)
    {
        var numbers = new List<double>();
        foreach (var part in text?.Split(',') ?? [])
        {
            if (!double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !(number >= least && number <= most))
                throw new InvalidInputException($"{option}: got {text}, allowed are numbers from {least} to {most}, with commas between them.");
            numbers.Add(number);
        }

        return numbers;
    }

    private static TimeSpan Seconds(string option, double value, double least)
        => value >= least && value <= 1e6 ? TimeSpan.FromSeconds(value) : throw new InvalidInputException($"{option}: got {value}, allowed is from {least} to 1000000.");

    private static ArrivalKind Spread(string text)
        => Enum.GetValues<ArrivalKind>().Cast<ArrivalKind?>().FirstOrDefault(kind => string.Equals($"{kind}", text, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidInputException($"--arrivals: got {text}, allowed are random and even.");

    // It goes into a header as it is.
    private static string? Key(string? given)
    {
        var (name, key) = given is null ? (KeyVariable, Environment.GetEnvironmentVariable(KeyVariable)) : ("--key", given);
        if (string.IsNullOrEmpty(key) && given is null)
            return null;
        return key!.Length > 0 && key.All(letter => letter is > ' ' and < '\x7f') ? key
            : throw new InvalidInputException($"{name}: is empty or has a character that no key has; a key is printable ASCII without spaces, as serve keys create prints it.");
    }

    private static Uri Address(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp ? address
            : throw new InvalidInputException($"--url: got {text}, allowed is an address that begins with http://.");

    private static Uri Target(Uri server, string? model)
    {
        if (server.PathAndQuery != "/")
            return server;
        var query = model?.Split(':', 2) switch
        {
            null => "",
            [var name] => $"?model={Uri.EscapeDataString(name)}",
            [var name, var version, ..] => $"?model={Uri.EscapeDataString(name)}&version={Uri.EscapeDataString(version)}",
            [] => "",
        };
        return new Uri(server, $"/v1/detect{query}");
    }
}
