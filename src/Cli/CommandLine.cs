using System.CommandLine;
using Serve.Cli.Data;
using Serve.Cli.Detect;
using Serve.Cli.Evaluate;
using Serve.Cli.Export;
using Serve.Cli.Models;
using Serve.Cli.Train;
using Serve.Eval;

namespace Serve.Cli;

/// <summary>The command line <c>serve</c>: its commands, and how a command ends.</summary>
/// <remarks>Exit codes: 0 done; 1 failed while running, or interrupted; 2 bad arguments or bad input (the message is on standard error).</remarks>
public static class CommandLine
{
    private const int Failed = 1;
    private const int BadInput = 2;

    /// <summary>Runs a command.</summary>
    /// <param name="args">The arguments after <c>serve</c>.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="error">Where progress and messages go.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var parsed = Root().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var fault in parsed.Errors)
            {
                await error.WriteLineAsync($"serve: {fault.Message}");
            }

            var path = string.Join(' ', parsed.CommandResult.Command.Parents.Prepend(parsed.CommandResult.Command).Reverse().Select(symbol => symbol.Name));
            await error.WriteLineAsync($"serve: see {path} --help");
            return BadInput;
        }

        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            // A training step and its checkpoint are finished after Ctrl-C.
            ProcessTerminationTimeout = TimeSpan.FromMinutes(5),
        };
        try
        {
            return await parsed.InvokeAsync(configuration);
        }
        catch (InvalidInputException exception)
        {
            await error.WriteLineAsync($"serve: {exception.Message}");
            return BadInput;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("serve: interrupted");
            return Failed;
        }
        catch (Exception exception)
        {
            await error.WriteLineAsync($"serve: failed: {exception.Message}");
            await error.WriteLineAsync(exception.StackTrace);
            return Failed;
        }
    }

    private static RootCommand Root()
    {
        var root = new RootCommand("Object detection for .NET: train, export, serve, evaluate. Without a command: starts the server (see ./serve).");
        root.Subcommands.Add(TrainCommand.Create());
        root.Subcommands.Add(RecipesCommand.Create());
        root.Subcommands.Add(ExportCommand.Create());
        root.Subcommands.Add(DetectCommand.Create());
        root.Subcommands.Add(EvaluateCommand.Create());
        root.Subcommands.Add(ModelsCommand.Create());
        root.Subcommands.Add(DataCommand.Create());
        return root;
    }
}
