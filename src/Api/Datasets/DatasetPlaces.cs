using Serve.Api.Hosting;

namespace Serve.Api.Datasets;

/// <summary>Where the server keeps the files of datasets that were sent to it: <c>datasets/NAME/HASH/</c> in the workspace, never changed once they are there.</summary>
internal sealed class DatasetPlaces(ServeFolders folders)
{
    private const string Partial = ".partial";
    private const int HashDigits = 16;

    /// <summary>An unfinished folder that is older than this was left by a server that was killed.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private readonly string _root = Path.Combine(folders.Workspace, "datasets");

    /// <summary>Folder of a version.</summary>
    public string FolderOf(string name, string hash) => Path.Combine(_root, name, hash[..HashDigits]);

    /// <summary>A new, empty folder beside the datasets, for what is not one yet. Those that killed servers left are removed.</summary>
    public string NewStaging(string name)
    {
        Directory.CreateDirectory(_root);
        foreach (var left in Directory.EnumerateDirectories(_root, $".*{Partial}").Where(left => Directory.GetLastWriteTimeUtc(left) < DateTime.UtcNow - Abandoned))
            Remove(left);
        return Directory.CreateDirectory(Path.Combine(_root, $".{name}-{Guid.NewGuid():N}{Partial}")).FullName;
    }

    /// <summary>Puts a finished folder in the place of a version. What is there already has the same files.</summary>
    public void Place(string folder, string name, string hash)
    {
        var target = FolderOf(name, hash);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        try
        {
            if (!Directory.Exists(target))
                Directory.Move(folder, target);
        }
        catch (IOException) when (Directory.Exists(target))
        {
            // Somebody sent the same at the same time.
        }
    }

    /// <summary>Removes all versions of a dataset: out of sight at once, then from the disk.</summary>
    public void RemoveAll(string name)
    {
        var folder = Path.Combine(_root, name);
        if (!Directory.Exists(folder))
            return;
        var hidden = Path.Combine(_root, $".{name}-{Guid.NewGuid():N}{Partial}");
        Directory.Move(folder, hidden);
        Remove(hidden);
    }

    /// <summary>Removes a folder; what cannot be removed now is when it is old.</summary>
    public static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A reader has a file of it open.
        }
    }
}
