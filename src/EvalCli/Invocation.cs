using System.CommandLine;
using Serve.Eval;

namespace Serve.EvalCli;

/// <summary>Runs a command, and decides how it ends.</summary>
/// <remarks>Exit codes: 0 done; 1 failed while running, or interrupted; 2 bad arguments or bad input (the message is on standard error).</remarks>
internal static class Invocation
{
    private const int Failed = 1;
    private const int BadInput = 2;

    /// <summary>Runs a command.</summary>
    /// <param name="root">The commands there are.</param>
    /// <param name="args">The arguments after <c>serve</c>.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="error">Where progress and messages go.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(RootCommand root, string[] args, TextWriter output, TextWriter error)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var fault in parsed.Errors)
            {
                await error.WriteLineAsync($"serve: {fault.Message}");
            }

            var commands = parsed.CommandResult.Command.Parents.Prepend(parsed.CommandResult.Command).Where(symbol => symbol is not RootCommand);
            await error.WriteLineAsync($"serve: see {string.Join(' ', commands.Select(symbol => symbol.Name).Append("serve").Reverse())} --help");
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
}
