using System.Reflection;

namespace Serve.Training.Runs;

/// <summary>The commit of the code that runs, which the build writes into the assembly when it builds a git checkout.</summary>
public static class SourceCommit
{
    /// <summary>What is recorded when the code was built outside a checkout.</summary>
    public const string Unknown = "unknown";

    /// <summary>The commit, forty hexadecimal digits, or <see cref="Unknown"/>.</summary>
    public static string Built { get; }
        = typeof(SourceCommit).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [_, var commit] ? commit : Unknown;
}
