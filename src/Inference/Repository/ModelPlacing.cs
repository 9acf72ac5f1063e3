using Serve.Eval;
using Serve.Inference.Files;
using Serve.Inference.Models;

namespace Serve.Inference.Repository;

/// <summary>Puts versions into the models folder and takes them out of it, by request. One at a time comes to its place.</summary>
internal sealed class ModelPlacing(string root, VersionTable table, ModelLoading loading, FolderChanges folder) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <inheritdoc cref="ModelRepository.PutAsync"/>
    public async Task<PutResult> PutAsync(string name, int version, Func<string, CancellationToken, Task> write, PutCondition condition, CancellationToken ct)
    {
        RequireName(name, version);
        RequirePlace(name, version, condition);
        using var staging = ModelStaging.Begin(root, name, version);
        await write(staging.Folder, ct);
        try
        {
            var staged = RepositoryScan.OfFolder(root, name, version, staging.Folder);
            var before = RequirePlace(name, version, condition);
            if (before is { State: not ModelState.Failed, Files: var there } && await SameContent.OfAsync(staged, there, ct))
                return Unchanged(before);
            if (VersionInspection.Of(staged).Fault is { } fault)
                throw new InvalidInputException(fault);
            return await Task.Run(() => loading.InTurnAsync(async () => await PlaceAsync(staging, await loading.OpenAsync(staged, before?.Current), condition, ct), ct), ct);
        }
        catch (InvalidInputException e) when (e.GetType() == typeof(InvalidInputException))
        {
            // The place where it was tried out is nobody's business.
            throw new InvalidInputException(e.Message.Replace(staging.Folder, $"{name}/{version}", StringComparison.Ordinal), e);
        }
    }

    /// <inheritdoc cref="ModelRepository.DeleteAsync"/>
    public async Task DeleteAsync(string name, int? version, PutCondition condition, CancellationToken ct)
    {
        var leaving = new List<Task>();
        await _turn.WaitAsync(ct);
        try
        {
            ModelEntry[] entries;
            lock (table.Gate)
            {
                entries = table.Asked(name, version);
                VersionTable.RequireUnpinned(entries);
                foreach (var entry in entries)
                    condition.Require(entry.Files.Tag, $"{entry.Name}/{entry.Version}");
            }

            foreach (var entry in entries)
            {
                using var staging = ModelStaging.Begin(root, entry.Name, entry.Version);
                staging.TakeAway(entry.Files);
                lock (table.Gate)
                    leaving.Add(folder.Remove(entry, "Deleted by request."));
            }

            RemoveIfEmpty(Path.Combine(root, name));
        }
        finally
        {
            _turn.Release();
        }

        await Task.WhenAll(leaving).WaitAsync(ct);
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task<PutResult> PlaceAsync(ModelStaging staging, LoadedVersion loaded, PutCondition condition, CancellationToken ct)
    {
        var placed = false;
        try
        {
            await _turn.WaitAsync(ct);
            try
            {
                var (name, version) = (loaded.Files.Name, loaded.Files.Version);
                var before = RequirePlace(name, version, condition);
                var target = Path.Combine(root, name, $"{version}");
                staging.Publish(target);
                var files = RepositoryScan.OfFolder(root, name, version, target);
                lock (table.Gate)
                {
                    var entry = table.Find(name, version) is { IsRemoved: false } there ? there : table.Add(files);
                    (loaded.Files, entry.Files, entry.IsHeld) = (files, files, false);
                    entry.Generation++;
                    loading.Publish(entry, loaded);
                    placed = true;
                    folder.Supersede(name);
                    return new PutResult(before is null ? PutOutcome.Created : PutOutcome.Replaced, entry.Snapshot());
                }
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            if (!placed)
                await loading.DropAsync(loaded);
        }
    }

    private PutResult Unchanged(ModelEntry entry)
    {
        lock (table.Gate)
            return new PutResult(PutOutcome.Unchanged, entry.Snapshot());
    }

    /// <summary>What is at a version's place, when a new one may take it.</summary>
    private ModelEntry? RequirePlace(string name, int version, PutCondition condition)
    {
        var parent = Path.Combine(root, name);
        if (Directory.Exists(parent) && !RealPath.IsWithin(parent, root))
            throw new ModelConflictException($"{parent} is a symbolic link to a place outside of the models folder.");
        lock (table.Gate)
        {
            var entry = table.Find(name, version) is { IsRemoved: false } there ? there : null;
            condition.Require(entry?.Files.Tag, $"{name}/{version}");
            return entry is { Files: { Layout: not VersionLayout.VersionFolder } files }
                ? throw new ModelConflictException($"Version {version} of '{name}' lies in {files.Graph}; move it into {name}/{version}/ or delete it first.")
                : entry;
        }
    }

    private static void RequireName(string name, int version)
    {
        if (!PassportRules.IsName(name))
            throw new InvalidInputException(RepositoryScan.NameRule(name));
        if (version < 1)
            throw new InvalidInputException($"{version} cannot be a model's version, which is a whole number from 1.");
    }

    private static void RemoveIfEmpty(string folder)
    {
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
            Directory.Delete(folder);
    }
}
