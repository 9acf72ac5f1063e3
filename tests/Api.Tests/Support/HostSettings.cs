using System.Runtime.CompilerServices;

namespace Serve.Api.Tests.Support;

/// <summary>Settings of all hosts that tests start.</summary>
internal static class HostSettings
{
    // Each host would watch its settings' files until it is collected, and a machine may allow no more than 128 watchers.
    [ModuleInitializer]
    internal static void WatchNoFiles() => Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");
}
