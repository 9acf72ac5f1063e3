using System.Runtime.CompilerServices;

namespace Serve.Tests;

/// <summary>Finds the files that tests read: those of the repository, and the optional folder beside it.</summary>
internal static class TestFiles
{
    /// <summary>Absolute path of the repository root.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, ".."));

    /// <summary>Path inside the optional <c>../shared</c> folder; the test is skipped when it is not there.</summary>
    public static string Shared(string relativePath)
    {
        var path = Path.Combine(Root, "..", "shared", relativePath);
        Assert.SkipUnless(Path.Exists(path), $"../shared/{relativePath} is not beside this clone.");
        return Path.GetFullPath(path);
    }

    /// <summary>A new empty folder that is deleted when disposed.</summary>
    public static TemporaryFolder NewFolder() => new();

    private static string ThisFile([CallerFilePath] string path = "") => path;
}

/// <summary>An empty folder for one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>Absolute path of the folder.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("serve-test-").FullName;

    /// <summary>Path of a file in the folder.</summary>
    public string File(string relativePath) => System.IO.Path.Combine(Path, relativePath);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
