using System.CommandLine;

namespace Serve.Cli.Usb;

/// <summary><c>serve usb divisions</c>: the rules in force.</summary>
internal static class DivisionsCommand
{
    public static Command Create()
    {
        var divisions = UsbCommand.Divisions();
        var json = UsbCommand.Json();
        var command = new Command(
            "divisions",
            """
            Lists the training and evaluation divisions, and where each number comes from.
            Example: serve usb divisions --json my-rules.json
            """)
        {
            divisions, json,
        };
        command.SetAction((parsed, ct) =>
        {
            var rules = UsbCommand.Rules(parsed, divisions);
            return UsbCommand.WriteAsync(parsed, json, rules.ToJson(), rules.ToText(), ct);
        });
        return command;
    }
}
