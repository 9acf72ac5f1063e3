using System.Reflection;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

/// <summary>Versions of what decides the numbers of a training.</summary>
internal static class LibraryVersions
{
    /// <summary>Version by name.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["serve"] = Of(typeof(LibraryVersions).Assembly),
        ["torchSharp"] = Of(typeof(Tensor).Assembly),
        ["libtorch"] = __version__,
        ["dotnet"] = RuntimeInformation.FrameworkDescription,
        ["system"] = RuntimeInformation.RuntimeIdentifier,
    };

    private static string Of(Assembly assembly)
        => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? assembly.GetName().Version?.ToString() ?? "unknown";
}
