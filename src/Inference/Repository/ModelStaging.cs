namespace Serve.Inference.Repository;

/// <summary>
/// A place inside the models folder, so on the same disk, where a version is put together before it takes its place by a rename, and where one that is deleted
/// waits for its last request. A process that is killed leaves it; the next one puts right what it finds.
/// </summary>
internal sealed class ModelStaging : IDisposable
{
    /// <summary>The folder in the models folder; hidden, so that no scan looks into it.</summary>
    public const string FolderName = ".staging";

    private const string NewName = "new";
    private const string OldName = "old";
    private const string GoneName = "gone";
    private const string LockName = "lock";

    private readonly string _place;
    private readonly FileStream _lock;

    private ModelStaging(string place, string name, int version)
    {
        _place = place;
        Folder = Path.Combine(place, NewName, name, $"{version}");
        Make(Folder);

        // Held while this process works here; the system lets go of it when the process dies.
        _lock = new FileStream(Path.Combine(place, LockName), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>Where the files of the new version go; its last parts are its name and version.</summary>
    public string Folder { get; }

    /// <summary>Makes a new, empty place.</summary>
    public static ModelStaging Begin(string root, string name, int version)
        => new(Path.Combine(root, FolderName, Guid.NewGuid().ToString("N")), name, version);

    /// <summary>Puts the new version where it belongs. What lay there is back in its place when that fails.</summary>
    public void Publish(string target)
    {
        var old = Kept(OldName, target);
        var replaces = Directory.Exists(target);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (replaces)
            Directory.Move(target, old);
        try
        {
            Directory.Move(Folder, target);
        }
        catch
        {
            if (replaces)
                Directory.Move(old, target);
            throw;
        }
    }

    /// <summary>Takes a version's files away; they are deleted with this place. Those that somebody else has taken away meanwhile are gone as well.</summary>
    public void TakeAway(FoundVersion version)
    {
        var gone = Kept(GoneName, Path.Combine(version.Name, $"{version.Version}"));
        if (version.Layout == VersionLayout.VersionFolder)
        {
            if (Directory.Exists(version.Folder))
                Directory.Move(version.Folder, gone);
            return;
        }

        Directory.CreateDirectory(gone);

        // The graph first: without it the rest is no model.
        foreach (var file in version.Files.Where(file => File.Exists(file.Path)).OrderByDescending(file => file.Path == version.Graph))
            File.Move(file.Path, Path.Combine(gone, Path.GetFileName(file.Name)));
    }

    /// <summary>Puts right what killed processes left: a version that was moved away and not replaced comes back, the rest goes.</summary>
    public static void Recover(string root)
    {
        var staging = Path.Combine(root, FolderName);
        if (!Directory.Exists(staging))
            return;
        foreach (var place in Directory.EnumerateDirectories(staging))
        {
            if (IsInUse(place))
                continue;
            foreach (var old in VersionsIn(Path.Combine(place, OldName)))
            {
                var target = Path.Combine(root, Path.GetFileName(Path.GetDirectoryName(old))!, Path.GetFileName(old));
                if (Directory.Exists(target))
                    continue;
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                Directory.Move(old, target);
            }

            Directory.Delete(place, recursive: true);
        }

        RemoveIfEmpty(staging);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lock.Dispose();
        Directory.Delete(_place, recursive: true);
        RemoveIfEmpty(Path.GetDirectoryName(_place)!);
    }

    private static void Make(string folder)
    {
        const int mostTries = 100;
        for (var tries = 1; ; tries++)
        {
            try
            {
                Directory.CreateDirectory(folder);
                return;
            }
            catch (Exception e) when (tries < mostTries && e is (DirectoryNotFoundException or FileNotFoundException))
            {
                // An upload that ends takes the folder of all of them away when it finds it empty, also between two steps of making this one.
            }
        }
    }

    private string Kept(string kind, string target)
    {
        var name = Path.GetFileName(Path.GetDirectoryName(target))!;
        var folder = Path.Combine(_place, kind, name);
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, Path.GetFileName(target));
    }

    private static IEnumerable<string> VersionsIn(string folder)
        => Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).SelectMany(Directory.EnumerateDirectories) : [];

    private static bool IsInUse(string place)
    {
        try
        {
            using var file = new FileStream(Path.Combine(place, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (FileNotFoundException)
        {
            // Killed, or another process, in the moment before the lock: the latter is only that young.
            return Directory.GetCreationTimeUtc(place) > DateTime.UtcNow.AddMinutes(-1);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static void RemoveIfEmpty(string folder)
    {
        try
        {
            Directory.Delete(folder);
        }
        catch (IOException)
        {
            // Another upload is under way there.
        }
    }
}
