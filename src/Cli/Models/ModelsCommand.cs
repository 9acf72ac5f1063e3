using System.CommandLine;
using System.Globalization;
using Serve.Eval;
using Serve.Eval.Coco;
using Serve.EvalCli;
using Serve.Inference.Models;

namespace Serve.Cli.Models;

/// <summary><c>serve models</c>: the models folder as a Markdown table, also written between the markers of a file such as the README.</summary>
internal static class ModelsCommand
{
    internal const string Start = "<!-- models: written by ./serve models --update README.md -->";
    internal const string End = "<!-- end of models -->";

    private static readonly string[] Headline = ["AP", "AP50", "AP75"];

    public static Command Create()
    {
        var models = ModelOptions.Models();
        var update = new Option<string?>("--update") { Description = "Markdown file in which the table between the models markers is replaced." };
        var command = new Command("models", "Lists the models, as a Markdown table made from their passports.\nExample: serve models --update README.md") { models, update };
        command.SetAction(async (parsed, ct) =>
        {
            var file = parsed.GetValue(update) is { } given ? Files.Existing(given, "--update") : null;
            await using var repository = ModelOptions.OpenRepository(parsed.GetValue(models), "cpu");
            var (passports, faults) = await ModelPassports.ReadAsync(repository, ct);
            foreach (var fault in faults)
                await parsed.InvocationConfiguration.Error.WriteLineAsync(fault);
            var table = Table(passports);
            if (file is null)
            {
                await parsed.InvocationConfiguration.Output.WriteAsync(table);
            }
            else
            {
                await Files.WriteAsync(file, Replace(await File.ReadAllTextAsync(file, ct), table, file), ct);
            }

            return 0;
        });
        return command;
    }

    internal static string Table(IEnumerable<Passport> passports)
    {
        var rows = passports.Select(Row);
        return string.Join('\n', ["| model | recipe | trained on | input | parameters | multiply-adds | obtained |", "|---|---|---|---|---|---|---|", .. rows, ""]);
    }

    internal static string Replace(string text, string table, string path)
    {
        var start = text.IndexOf(Start, StringComparison.Ordinal);
        var end = text.IndexOf(End, StringComparison.Ordinal);
        return start >= 0 && end > start
            ? $"{text[..(start + Start.Length)]}\n{table}{text[end..]}"
            : throw new InvalidInputException($"--update {path}: the file needs the two lines {Start} and {End}.");
    }

    private static string Row(Passport passport)
    {
        var name = $"`{passport.Name}` {passport.Version}";
        var input = $"{passport.Input.Width} x {passport.Input.Height}";
        if (passport.Provenance is not { } from)
        {
            return $"| {name} | undeclared | undeclared | {input} | | | |";
        }

        var data = string.Join(", ", from.TrainedOn.Select(set => Invariant($"{set.Name} ({set.Images} images, {set.Epochs:0.#} epochs)")));
        var metrics = string.Join("; ", from.Metrics.Select(set =>
            $"{set.Dataset}{(set.Protocol == CocoProtocol.BoundingBox.Name ? "" : $" {set.Protocol}")}: {string.Join(", ", set.Values.Where(value => Headline.Contains(value.Key)).Select(value => Invariant($"{value.Key} {value.Value:0.000}")))}"));
        return Invariant($"| {name} | `{from.Recipe}` | {data} | {input} | {from.Parameters / 1e6:0.0} M | {from.MultiplyAdds / 1e9:0.0} G | {metrics} |");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
