using System.CommandLine;
using Serve.Eval.Usb;
using Serve.EvalCli;

namespace Serve.Cli.Usb;

/// <summary><c>serve usb</c>: the Universal-Scale object detection Benchmark beside <c>serve evaluate --protocol usb</c>.</summary>
internal static class UsbCommand
{
    public static Command Create()
    {
        var command = new Command(
            "usb",
            """
            The benchmark USB: divisions, and numbers over datasets and sizes.
            Examples: serve evaluate --protocol usb-m109s --truth 15test.json --detections results.json --json m109s.json
                      serve usb report --coco coco.json --wod wod.json --m109s m109s.json
                      serve usb check blood-cells
            """);
        command.Subcommands.Add(DivisionsCommand.Create());
        command.Subcommands.Add(CheckCommand.Create());
        command.Subcommands.Add(ReportCommand.Create());
        command.Subcommands.Add(ScalesCommand.Create());
        return command;
    }

    /// <summary>The option that puts a file in the place of the bundled rules.</summary>
    public static Option<string?> Divisions() => new("--divisions") { Description = "File of rules in the place of those that come with this program; serve usb divisions --json writes such a file." };

    /// <summary>The option for a file with everything in full precision.</summary>
    public static Option<string?> Json() => new("--json") { Description = "File for the same as JSON, numbers in full precision." };

    /// <summary>The rules in force.</summary>
    public static UsbDivisions Rules(ParseResult parsed, Option<string?> divisions) => parsed.GetValue(divisions) is { } file ? UsbDivisions.Read(file) : UsbDivisions.Default;

    /// <summary>Ends a command: writes the JSON file where one is asked for, and the text.</summary>
    public static async Task<int> WriteAsync(ParseResult parsed, Option<string?> json, string document, string text, CancellationToken ct)
    {
        if (parsed.GetValue(json) is { } file)
        {
            await Files.WriteAsync(file, document + "\n", ct);
        }

        await parsed.InvocationConfiguration.Output.WriteAsync(text);
        return 0;
    }
}
