using System.CommandLine;
using Serve.Cli.Bench;
using Serve.Cli.Data;
using Serve.Cli.Detect;
using Serve.Cli.Evaluate;
using Serve.Cli.Export;
using Serve.Cli.Models;
using Serve.Cli.Train;
using Serve.Cli.Usb;
using Serve.EvalCli;

namespace Serve.Cli;

/// <summary>The command line <c>serve</c>: its commands.</summary>
public static class CommandLine
{
    /// <summary>Runs a command; exit codes as <see cref="Invocation"/> has them.</summary>
    /// <param name="args">The arguments after <c>serve</c>.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="error">Where progress and messages go.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args, TextWriter output, TextWriter error) => Invocation.RunAsync(Root(), args, output, error);

    private static RootCommand Root()
    {
        var root = new RootCommand("Object detection for .NET: train, export, serve, evaluate. Without a command: starts the server (see ./serve).");
        root.Subcommands.Add(TrainCommand.Create());
        root.Subcommands.Add(RecipesCommand.Create());
        root.Subcommands.Add(ExportCommand.Create());
        root.Subcommands.Add(DetectCommand.Create());
        root.Subcommands.Add(BenchCommand.Create());
        root.Subcommands.Add(EvaluateCommand.Create(ModelDetections.Source()));
        root.Subcommands.Add(CompareCommand.Create());
        root.Subcommands.Add(UsbCommand.Create());
        root.Subcommands.Add(ModelsCommand.Create());
        root.Subcommands.Add(DataCommand.Create());
        return root;
    }
}
