using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Serve.Api.Access.Storage;
using Serve.Api.Storage;
using Serve.Eval;

namespace Serve.Api.Access;

/// <summary><c>serve keys create | list | revoke</c>: works on the same settings as the server, and while it runs.</summary>
internal static partial class KeyCommand
{
    private const string Usage = """
        serve keys create NAME --role reader|submitter|host|administrator [--expires 90d] [--rate PER_SECOND] [--burst N]
        serve keys list
        serve keys revoke ID
        """;

    private const string By = "command line";

    /// <summary>Carries out a command.</summary>
    /// <param name="app">The server, which is not started.</param>
    /// <param name="command">What stands after <c>keys</c>.</param>
    /// <param name="output">Gets the key or the list, and nothing else.</param>
    /// <param name="remarks">Gets what is said about it.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="InvalidInputException">The command is none, or something in it is wrong.</exception>
    public static async Task RunAsync(WebApplication app, string[] command, TextWriter output, TextWriter remarks, CancellationToken ct)
    {
        var (store, time) = (app.Services.GetRequiredService<KeyStore>(), app.Services.GetRequiredService<TimeProvider>());
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        await app.Services.PrepareStorageAsync(ct);
        await (command switch
        {
            ["create", var name, .. var options] => CreateAsync(store, KeyToCreate(name, options, time.GetUtcNow()), output, remarks, ct),
            ["list"] => ListAsync(store, output, ct),
            ["revoke", var id] => RevokeAsync(store, id, remarks, ct),
            _ => throw new InvalidInputException($"serve keys {string.Join(' ', command)}: there is no such command. There are:{Environment.NewLine}{Usage}"),
        });
    }

    private static CheckedKey KeyToCreate(string name, string[] options, DateTimeOffset now)
    {
        var given = new Dictionary<string, string>();
        for (var i = 0; i < options.Length; i++)
        {
            var (option, value) = options[i].Split('=', 2) is [var left, var right] ? (left, right) : (options[i], i + 1 < options.Length ? options[++i] : "");
            if (option is not ("--role" or "--expires" or "--rate" or "--burst") || value.Length == 0 || !given.TryAdd(option, value))
                throw new InvalidInputException($"serve keys create: \"{option}\" is no option, has no value, or stands twice.{Environment.NewLine}{Usage}");
        }
        double? perSecond = given.TryGetValue("--rate", out var rate) ? Number(rate, "--rate") : null;
        int? burst = given.TryGetValue("--burst", out var most) ? (int)Number(most, "--burst") : null;
        if (burst is not null && perSecond is null)
            throw new InvalidInputException("--burst needs --rate.");
        return KeyRequestCheck.Check(
            new KeyRequest
            {
                Name = name,
                Role = given.GetValueOrDefault("--role"),
                ExpiresAt = given.TryGetValue("--expires", out var expires) ? now + Duration(expires) : null,
                Rate = perSecond is { } second ? new KeyRate(second, burst) : null,
            },
            now);
    }

    private static async Task CreateAsync(KeyStore store, CheckedKey asked, TextWriter output, TextWriter remarks, CancellationToken ct)
    {
        var (row, key) = await store.CreateAsync(asked, By, ct);
        await remarks.WriteLineAsync($"Key {row.Id} of {row.Name}, {row.Role.Name()}. It is shown only now; send it as \"Authorization: Bearer KEY\".");
        await output.WriteLineAsync(key);
    }

    private static async Task ListAsync(KeyStore store, TextWriter output, CancellationToken ct)
    {
        string[][] lines =
        [
            ["id", "name", "role", "created", "last used", "state"],
            .. (await store.ListAsync(ct)).Select(row => (string[])[row.Id, row.Name, row.Role.Name(), Day(row.CreatedAt), row.LastUsedAt is { } used ? Day(used) : "never", StateOf(row)]),
        ];
        var widths = Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length)).ToArray();
        foreach (var line in lines)
            await output.WriteLineAsync(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    private static async Task RevokeAsync(KeyStore store, string id, TextWriter remarks, CancellationToken ct)
    {
        var row = await store.RevokeAsync(id, By, ct) ?? throw new InvalidInputException($"There is no key \"{id}\"; serve keys list shows them.");
        await remarks.WriteLineAsync($"Key {row.Id} of {row.Name} is revoked since {row.RevokedAt:u}. Running servers know within {KeyRing.Remembered.TotalSeconds} s.");
    }

    private static string StateOf(KeyRow row) => row switch
    {
        { RevokedAt: { } at } => $"revoked {Day(at)}",
        { ExpiresAt: { } at } => $"until {at.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}",
        _ => "good",
    };

    private static string Day(DateTime at) => at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static double Number(string text, string option)
        => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw new InvalidInputException($"{option}: \"{text}\" is no number.");

    private static TimeSpan Duration(string text)
    {
        if (Span().Match(text) is not { Success: true } found)
            throw new InvalidInputException($"--expires: \"{text}\" is no time; expected something like 90d, 12h or 30m.");
        var number = int.Parse(found.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return found.Groups[2].Value switch { "d" => TimeSpan.FromDays(number), "h" => TimeSpan.FromHours(number), _ => TimeSpan.FromMinutes(number) };
    }

    [GeneratedRegex(@"\A(\d{1,5})(d|h|m)\z")]
    private static partial Regex Span();
}
