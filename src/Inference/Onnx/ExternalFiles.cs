using Serve.Eval;
using Serve.Inference.Files;

namespace Serve.Inference.Onnx;

/// <summary>The files beside a graph that hold its tensors. A graph may name any path; only files in its own folder are opened.</summary>
internal static class ExternalFiles
{
    /// <summary>Checks each location.</summary>
    /// <param name="graphPath">The ONNX file.</param>
    /// <param name="extents">Locations as the graph writes them, each with the bytes it wants there.</param>
    /// <exception cref="InvalidInputException">A location is absolute, leads out of the folder, is not there or too short. The message says which and why.</exception>
    public static void Require(string graphPath, IReadOnlyDictionary<string, long> extents)
    {
        if (extents.Count == 0)
            return;
        var folder = RealPath.Of(Path.GetDirectoryName(Path.GetFullPath(graphPath))!);
        foreach (var (location, bytes) in extents)
        {
            if (Fault(folder, location, bytes) is { } fault)
            {
                throw new InvalidInputException(
                    $"{graphPath}: the graph keeps tensors in '{Shown(location)}', which {fault}. Only files in the folder of the graph, or in folders below it, are opened.");
            }
        }
    }

    private static string? Fault(string folder, string location, long bytes)
    {
        if (location.Length == 0)
            return "names no file";
        if (location.Any(char.IsControl))
            return "is no file name";

        // Both kinds of slashes and drive letters, on every system: what is safe must not depend on where a file was checked.
        if (location[0] is '/' or '\\' || (location.Length > 1 && location[1] == ':') || Path.IsPathRooted(location))
            return "is an absolute path";
        if (location.Split('/', '\\').Contains(".."))
            return "leads out of its folder by '..'";

        var path = Path.Combine(folder, location);
        if (!File.Exists(path))
            return "is not there: copy it beside the graph under that very name";
        if (!RealPath.IsWithin(path, folder))
            return "is a symbolic link that leads out of its folder";
        var length = new FileInfo(RealPath.Of(path)).Length;
        return length < bytes ? $"has {length} bytes where the graph needs {bytes}: it is truncated or of another model" : null;
    }

    private static string Shown(string location)
    {
        var clean = new string([.. location.Select(character => char.IsControl(character) ? '?' : character)]);
        return clean.Length > 200 ? clean[..200] + "..." : clean;
    }
}
