using System.CommandLine;
using Serve.Eval;

namespace Serve.Cli.Usb;

/// <summary><c>serve usb report</c>: the numbers of a method on the datasets, and their means.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var reports = new DatasetReports();
        var divisions = UsbCommand.Divisions();
        var json = UsbCommand.Json();
        var command = new Command(
            "report",
            """
            Puts the reports on the datasets side by side, with mCAP and the other means where none is missing.
            Example: serve usb report --coco coco.json --wod wod.json --m109s m109s.json --json usb.json
            """);
        reports.AddTo(command);
        command.Options.Add(divisions);
        command.Options.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var rules = UsbCommand.Rules(parsed, divisions);
            var (results, notes) = await reports.ReadAsync(parsed, rules, ct);
            if (results.Datasets.Count == 0)
            {
                throw new InvalidInputException("usb report: give at least one of --coco, --wod and --m109s.");
            }

            var text = results.ToText(rules) + string.Concat(notes.Select(note => $" Note: {note}{Environment.NewLine}"));
            return await UsbCommand.WriteAsync(parsed, json, results.ToJson(), text, ct);
        });
        return command;
    }
}
