using Microsoft.Extensions.Options;
using Serve.Eval;

namespace Serve.Api.Hosting;

/// <summary>Which faults at start are the operator's to mend, and the exit code that says so.</summary>
internal static class StartFault
{
    /// <summary>What the operator is told: one line a fault.</summary>
    public static string TextOf(Exception fault) => fault is OptionsValidationException settings
        ? string.Join(Environment.NewLine, settings.Failures)
        : fault.Message;

    /// <summary>2 for bad settings, 1 for an address or a folder that cannot be had, null for a fault of ours (which shows its stack).</summary>
    public static int? ExitCode(Exception fault) => fault switch
    {
        InvalidInputException or OptionsValidationException => 2,
        // The configuration binder has no type of its own for a value of the wrong kind or an unknown key.
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } => 2,
        IOException or UnauthorizedAccessException => 1,
        _ => null,
    };
}
