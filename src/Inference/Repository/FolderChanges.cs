namespace Serve.Inference.Repository;

/// <summary>Takes over what lies in the models folder: new versions, changed ones, and those that are gone.</summary>
internal sealed class FolderChanges(string root, ModelRepositoryOptions options, VersionTable table, ModelLoading loading)
{
    private readonly SettledChanges _settled = new(options.Settle);
    private IReadOnlyList<string> _faults = [];
    private volatile string? _unreadable;

    /// <summary>What looks like a model in the folder and is none, each with its fault.</summary>
    public IReadOnlyList<string> Faults => Volatile.Read(ref _faults);

    /// <summary>Why the folder could not be followed when it was looked at last; null when it could.</summary>
    public string? Unreadable => _unreadable;

    /// <summary>Looks now and takes over what lies there, settled or not.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public void Refresh()
    {
        var scan = RepositoryScan.Of(root, table.Otherwise);
        var there = scan.Versions.Select(version => (version.Name, version.Version)).ToHashSet();
        TakeOver(scan, scan.Versions, [.. Known().Keys.Where(key => !there.Contains(key))], arrives: false);
    }

    /// <summary>Looks and takes over what has settled; new versions are loaded at once when they would answer.</summary>
    /// <returns>True while something has changed and is not settled.</returns>
    public bool Look()
    {
        try
        {
            var scan = RepositoryScan.Of(root, table.Otherwise);
            var (changed, gone) = _settled.Take(Known(), scan.Versions, options.Models.Time.GetUtcNow());
            TakeOver(scan, changed, gone, arrives: true);
        }
        catch (Exception e)
        {
            // Whatever it is, what is in memory goes on, and the folder is looked at again: one fault must not end the following of it.
            _unreadable = $"{root}: the models folder cannot be read ({e.GetType().Name}).";
            Volatile.Write(ref _faults, [_unreadable]);
        }

        return _settled.IsWaiting;
    }

    /// <summary>Looks at the files of a version that failed; when they are others now it is worth trying again.</summary>
    public bool HasChanged(ModelEntry entry)
    {
        FoundVersion before;
        lock (table.Gate)
            before = entry.Files;
        if (RepositoryScan.Again(root, before) is not { } now || now.Tag == before.Tag)
            return false;
        var inspection = VersionInspection.Of(now);
        lock (table.Gate)
            TakeOver(now, inspection, arrives: false);
        return true;
    }

    /// <summary>Where only the latest version is kept: those below what answers leave memory. Under the gate.</summary>
    public void Supersede(string name)
    {
        if (table.PolicyOf(name).Versions.Kind != VersionPolicyKind.Latest)
            return;
        ModelEntry[] inMemory = [.. table.VersionsOf(name).Where(entry => entry is { IsRemoved: false, Current: not null })];
        foreach (var entry in inMemory.SkipLast(1).Where(entry => !entry.IsPinned))
            _ = loading.Unload(entry, $"Version {inMemory[^1].Version} has taken its place.");
    }

    /// <summary>A version's files are gone: it finishes what is in flight. Under the gate.</summary>
    /// <returns>Ends when its memory is returned.</returns>
    public Task Remove(ModelEntry entry, string reason)
    {
        entry.IsRemoved = true;
        entry.Generation++;
        if (entry.Current is not null)
            return loading.Unload(entry, reason);
        table.Move(entry, ModelState.Unloaded, reason);
        if (entry.Load is null)
            table.Remove(entry);
        return Task.CompletedTask;
    }

    private Dictionary<(string Name, int Version), string> Known()
    {
        lock (table.Gate)
            return table.All.Where(entry => !entry.IsRemoved).ToDictionary(entry => (entry.Name, entry.Version), entry => entry.Files.Tag);
    }

    private void TakeOver(RepositoryScan scan, IReadOnlyList<FoundVersion> found, IReadOnlyList<(string Name, int Version)> gone, bool arrives)
    {
        var known = Known();
        var changed = found.Where(version => known.GetValueOrDefault((version.Name, version.Version)) != version.Tag)
            .Select(version => (Files: version, Inspection: VersionInspection.Of(version))).ToList();
        lock (table.Gate)
        {
            if (loading.IsClosed)
                return;
            table.SetPolicies(scan.Policies);
            Volatile.Write(ref _faults, scan.Faults);
            _unreadable = null;
            foreach (var (files, inspection) in changed)
                TakeOver(files, inspection, arrives);
            foreach (var (name, version) in gone)
                if (table.Find(name, version) is { IsRemoved: false } entry)
                    _ = Remove(entry, "Its files are gone.");
        }
    }

    /// <summary>New or changed files of one version: what answers is replaced once the new one is warm.</summary>
    private void TakeOver(FoundVersion found, VersionInspection inspection, bool arrives)
    {
        var files = found with { Fault = inspection.Fault };
        var entry = table.Find(files.Name, files.Version) is { IsRemoved: false } there ? there : table.Add(files);
        (entry.Files, entry.Passport, entry.Explanation) = (files, inspection.Passport, inspection.Explanation);
        entry.Generation++;
        if (entry.Current is not null)
        {
            Follow(entry);
        }
        else if (entry.Load is null && entry.State != ModelState.Unloading)
        {
            table.Move(entry, files.Fault is null ? ModelState.Unloaded : ModelState.Failed, files.Fault ?? (entry.IsHeld ? entry.Reason : ""));
            if (arrives && !entry.IsHeld && files.Fault is null && WouldAnswer(entry) && loading.Fits(files))
                Follow(entry);
        }
    }

    private void Follow(ModelEntry entry)
        => loading.Start(entry, arriving: true).ContinueWith(
            _ =>
            {
                lock (table.Gate)
                    Supersede(entry.Name);
            },
            CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    private bool WouldAnswer(ModelEntry entry)
    {
        var policy = table.PolicyOf(entry.Name).Versions;
        return policy.Serves(entry.Version) && (policy.Kind != VersionPolicyKind.Latest
            || !table.VersionsOf(entry.Name).Any(other => other.Version > entry.Version && other is { IsRemoved: false, State: not ModelState.Failed }));
    }
}
