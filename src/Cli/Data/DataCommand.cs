using System.CommandLine;

namespace Serve.Cli.Data;

/// <summary><c>serve data</c>: makes, checks, converts and describes datasets, and shows what training sees of one.</summary>
internal static class DataCommand
{
    public static Command Create()
    {
        var data = new Command("data", "Datasets: draw one, check one for faults, convert between formats, count what is in one, look at training batches.");
        data.Subcommands.Add(MakeCommand.Create());
        data.Subcommands.Add(CheckCommand.Create());
        data.Subcommands.Add(ConvertCommand.Create());
        data.Subcommands.Add(StatsCommand.Create());
        data.Subcommands.Add(PreviewCommand.Create());
        return data;
    }
}
