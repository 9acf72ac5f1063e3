using Serve.Eval;
using Serve.Inference.Models;

namespace Serve.Inference.Repository;

/// <summary>
/// The models of a folder: <c>name/version/model.onnx</c> with what belongs to it (<c>model.json</c>, labels, external data), <c>name/model.onnx</c> or
/// <c>name.onnx</c> (version 1). They are loaded when first asked for, or when they arrive while running, and replaced without a request noticing. Thread-safe.
/// </summary>
public sealed class ModelRepository : IAsyncDisposable
{
    private readonly ModelRepositoryOptions _options;
    private readonly VersionTable _table;
    private readonly ModelLoading _loading;
    private readonly FolderChanges _folder;
    private readonly ModelPlacing _placing;
    private RepositoryWatcher? _watcher;

    private ModelRepository(string root, ModelRepositoryOptions options)
    {
        _options = options;
        _table = new VersionTable(options);
        _loading = new ModelLoading(_table, options);
        _folder = new FolderChanges(root, options, _table, _loading);
        _placing = new ModelPlacing(root, _table, _loading, _folder);
    }

    /// <summary>Told of every change of a version's state, in order. Called under a lock: it must not wait for anything.</summary>
    public event Action<ModelTransition>? Changed
    {
        add { lock (_table.Gate) _table.Changed += value; }
        remove { lock (_table.Gate) _table.Changed -= value; }
    }

    /// <summary>Every version of every model, by name and version.</summary>
    public IReadOnlyList<ModelVersion> Versions
    {
        get { lock (_table.Gate) return [.. _table.All.Select(entry => entry.Snapshot())]; }
    }

    /// <summary>Names of the models that can be asked for.</summary>
    public IReadOnlyList<string> Names
    {
        get { lock (_table.Gate) return _table.Names; }
    }

    /// <summary>The model that answers requests which name none; null when there are no models.</summary>
    public string? DefaultName
    {
        get { lock (_table.Gate) return _table.DefaultName; }
    }

    /// <summary>What lies in the folder and looks like a model, without being a version of one, each with its fault.</summary>
    public IReadOnlyList<string> Faults => _folder.Faults;

    /// <summary>Why the folder could not be followed when it was looked at last; null when it could.</summary>
    public string? Unreadable => _folder.Unreadable;

    /// <summary>Memory that all models hold together, also those that are leaving.</summary>
    public long MemoryBytes
    {
        get { lock (_table.Gate) return _loading.Held.Sum(held => held.MemoryBytes); }
    }

    /// <summary>Opens a models folder and begins to follow it where the options say so. No model is loaded yet.</summary>
    /// <exception cref="InvalidInputException">There is no such folder, or it cannot be read.</exception>
    public static ModelRepository Open(string folder, ModelRepositoryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(root))
            throw new InvalidInputException($"{folder}: there is no such models folder; expected <name>/<version>/{DetectionModel.GraphFileName} in it.");
        var repository = new ModelRepository(root, options);
        try
        {
            ModelStaging.Recover(root);
            repository._folder.Refresh();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{folder}: the models folder cannot be read ({e.GetType().Name}).", e);
        }

        if (options.Watch)
            repository._watcher = new RepositoryWatcher(root, options, repository._folder.Look);
        return repository;
    }

    /// <summary>The version that answers for a name and version, as it stands: the default model and the highest version where none is asked for.</summary>
    /// <exception cref="UnknownModelException">No such model or version; the message lists those there are.</exception>
    public ModelVersion Find(string? name, int? version)
    {
        lock (_table.Gate)
            return _table.Choose(name, version).Snapshot();
    }

    /// <summary>A model to run, loaded when it is not yet. It stays as it is until the lease is disposed, also when it is replaced, unloaded, or deleted meanwhile.</summary>
    /// <param name="name">Its name; null for the default model.</param>
    /// <param name="version">Its version; null for the highest that can answer.</param>
    /// <param name="ct">Ends the waiting; a load that was begun goes on.</param>
    /// <exception cref="UnknownModelException">No such model or version.</exception>
    /// <exception cref="ModelUnavailableException">It cannot be loaded, or was unloaded by request; the message says why.</exception>
    public ValueTask<ModelLease> AcquireAsync(string? name, int? version, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
            return ValueTask.FromCanceled<ModelLease>(ct);
        lock (_table.Gate)
        {
            ObjectDisposedException.ThrowIf(_loading.IsClosed, this);
            if (Lease(_table.Choose(name, version)) is { } lease)
                return ValueTask.FromResult(lease);
        }

        return new ValueTask<ModelLease>(LoadAndLeaseAsync(name, version, ct));
    }

    /// <summary>
    /// Loads a version, or loads it anew from its files: the new one is opened and warmed up first, then takes the place of the old one, which stays when that fails.
    /// </summary>
    /// <param name="name">The model.</param>
    /// <param name="version">The version; null for the highest, or for all that its policy keeps.</param>
    /// <param name="ct">Ends the waiting; the load goes on.</param>
    /// <exception cref="UnknownModelException">No such model or version.</exception>
    /// <exception cref="ModelUnavailableException">It cannot be loaded; the message says why.</exception>
    public async Task LoadAsync(string name, int? version, CancellationToken ct)
    {
        _folder.Refresh();
        var loads = new List<(ModelEntry Entry, Task<LoadedVersion> Load)>();
        lock (_table.Gate)
        {
            ObjectDisposedException.ThrowIf(_loading.IsClosed, this);
            foreach (var entry in _table.Kept(name, version))
            {
                entry.IsHeld = false;
                entry.Generation++;
                loads.Add((entry, _loading.Start(entry, arriving: false)));
            }
        }

        foreach (var (entry, load) in loads)
            await WaitAsync(entry, load, ct);
    }

    /// <summary>Takes a version out of memory once its requests are done, and keeps it out until it is loaded by request.</summary>
    /// <param name="name">The model.</param>
    /// <param name="version">The version; null for all.</param>
    /// <param name="ct">Ends the waiting; the unloading goes on.</param>
    /// <exception cref="UnknownModelException">No such model or version.</exception>
    /// <exception cref="ModelConflictException">It is pinned.</exception>
    public async Task UnloadAsync(string name, int? version, CancellationToken ct)
    {
        var leaving = new List<Task>();
        lock (_table.Gate)
        {
            ModelEntry[] entries = _table.Asked(name, version);
            VersionTable.RequireUnpinned(entries);
            foreach (var entry in entries)
            {
                entry.IsHeld = true;
                entry.Generation++;
                if (entry.Load is { } load)
                    leaving.Add(load.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default));
                if (entry.Current is not null)
                    leaving.Add(_loading.Unload(entry, "Unloaded by request."));
                else if (entry.State == ModelState.Unloaded)
                    _table.Move(entry, ModelState.Unloaded, "Unloaded by request.");
            }
        }

        await Task.WhenAll(leaving).WaitAsync(ct);
    }

    /// <summary>
    /// Puts a version into the folder: its files are written beside it, opened and warmed up, and only then it takes its place and answers. When anything fails,
    /// what was there before stays and nothing is left behind.
    /// </summary>
    /// <param name="name">The model.</param>
    /// <param name="version">The version.</param>
    /// <param name="write">Writes <c>model.onnx</c> and what belongs to it into the folder it gets.</param>
    /// <param name="condition">What must hold of the version that is there.</param>
    /// <param name="ct">Cancels until the new version takes its place.</param>
    /// <exception cref="InvalidInputException">It cannot be served; the message says why.</exception>
    /// <exception cref="ModelUnavailableException">There is no room for it in memory.</exception>
    /// <exception cref="ModelConflictException">The condition does not hold, or the version lies in the folder in another way.</exception>
    public Task<PutResult> PutAsync(string name, int version, Func<string, CancellationToken, Task> write, PutCondition condition, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(condition);
        return _placing.PutAsync(name, version, write, condition, ct);
    }

    /// <summary>Copies the files of a version into a folder, the graph as <c>model.onnx</c>.</summary>
    /// <param name="name">The model.</param>
    /// <param name="version">The version.</param>
    /// <param name="folder">The folder, which is there.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="UnknownModelException">No such model or version.</exception>
    /// <exception cref="IOException">The files are gone, or the folder cannot be written to.</exception>
    public async Task CopyAsync(string name, int version, string folder, CancellationToken ct)
    {
        FoundVersion files;
        lock (_table.Gate)
            files = _table.Choose(name, version).Files;
        foreach (var file in files.Files)
        {
            var target = Path.Combine(folder, file.Path == files.Graph ? DetectionModel.GraphFileName : file.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await using var source = File.OpenRead(file.Path);
            await using var copy = File.Create(target);
            await source.CopyToAsync(copy, ct);
        }
    }

    /// <summary>Deletes a version, or a model with all its versions, from the folder. Its requests in flight finish first.</summary>
    /// <param name="name">The model.</param>
    /// <param name="version">The version; null for all.</param>
    /// <param name="condition">What must hold of the version that is there.</param>
    /// <param name="ct">Ends the waiting for requests in flight; the version is gone all the same.</param>
    /// <exception cref="UnknownModelException">No such model or version.</exception>
    /// <exception cref="ModelConflictException">It is pinned, or the condition does not hold.</exception>
    public Task DeleteAsync(string name, int? version, PutCondition condition, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return _placing.DeleteAsync(name, version, condition, ct);
    }

    /// <summary>Looks at the folder now and takes over what lies there, settled or not.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public void Refresh() => _folder.Refresh();

    /// <summary>Versions to load at start: those of pinned models and those whose policy or <paramref name="names"/> say so.</summary>
    /// <param name="names">Names of models, or <c>*</c> for all.</param>
    public IReadOnlyList<ModelVersion> ToPreload(IReadOnlyCollection<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        lock (_table.Gate)
            return
            [
                .. _table.Names
                    .Where(name => names.Contains("*") || names.Contains(name) || _table.PolicyOf(name).Preload || _table.VersionsOf(name).Any(entry => entry.IsPinned))
                    .SelectMany(name => _table.Kept(name, null))
                    .Union(_table.All.Where(entry => entry is { IsPinned: true, IsRemoved: false }))
                    .Select(entry => entry.Snapshot()),
            ];
    }

    /// <summary>Takes no more requests, waits a while for those in flight, and closes every model.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] loads;
        lock (_table.Gate)
        {
            if (_loading.IsClosed)
                return;
            _loading.IsClosed = true;
            loads = [.. _table.All.Select(entry => entry.Load).OfType<Task>()];
        }

        if (_watcher is not null)
            await _watcher.DisposeAsync();
        await Task.WhenAll(loads).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        LoadedVersion[] held;
        lock (_table.Gate)
        {
            foreach (var entry in _table.All.ToList())
                _ = _loading.Unload(entry, "The program ends.");
            held = [.. _loading.Held];
        }

        var closed = Task.WhenAll(held.Select(loaded => loaded.Closed));
        await Task.WhenAny(closed, Task.Delay(_options.DrainWait, _options.Models.Time, CancellationToken.None));
        await Task.WhenAll(held.Select(loaded => loaded.ForceCloseAsync()));
        _placing.Dispose();
    }

    private async Task<ModelLease> LoadAndLeaseAsync(string? name, int? version, CancellationToken ct)
    {
        while (true)
        {
            ModelEntry entry;
            Task<LoadedVersion>? load = null;
            lock (_table.Gate)
            {
                ObjectDisposedException.ThrowIf(_loading.IsClosed, this);
                entry = _table.Choose(name, version);
                if (Lease(entry) is { } lease)
                    return lease;
                if (entry.IsHeld)
                    throw new ModelUnavailableException($"Model '{entry.Name}' version {entry.Version} was unloaded by request; load it to use it.");
                if (entry.State != ModelState.Failed || entry.Load is not null)
                    load = _loading.Start(entry, arriving: false);
            }

            if (load is not null)
            {
                try
                {
                    await WaitAsync(entry, load, ct);
                }
                catch (ModelUnavailableException) when (version is null && HasAnother(name, entry))
                {
                    // A version below it may answer.
                }
            }
            else if (!_folder.HasChanged(entry))
            {
                throw Unavailable(entry, entry.Reason, null);
            }
        }
    }

    private ModelLease? Lease(ModelEntry entry)
    {
        if (entry.Current is not { } current)
            return null;
        _table.Touch(entry);
        return current.Lease();
    }

    private bool HasAnother(string? name, ModelEntry failed)
    {
        lock (_table.Gate)
            return _table.Choose(name, null) is var next && next != failed && (next.Current is not null || next is { IsHeld: false, State: not ModelState.Failed });
    }

    private static async Task WaitAsync(ModelEntry entry, Task<LoadedVersion> load, CancellationToken ct)
    {
        try
        {
            await load.WaitAsync(ct);
        }
        catch (InvalidInputException e) when (e is not ModelUnavailableException)
        {
            throw Unavailable(entry, e.Message, e);
        }
    }

    private static ModelUnavailableException Unavailable(ModelEntry entry, string reason, Exception? cause)
    {
        var message = $"Model '{entry.Name}' version {entry.Version} cannot be served. {reason}";
        return cause is null ? new(message) : new(message, cause);
    }
}
