using System.Globalization;
using Serve.Eval;

namespace Serve.Inference.Repository;

/// <summary>Brings versions into memory and out of it again, within the budget. One load a version at a time, whoever asked for it.</summary>
internal sealed class ModelLoading(VersionTable table, ModelRepositoryOptions options)
{
    /// <summary>Everything that is in memory, also what is leaving.</summary>
    private readonly HashSet<LoadedVersion> _held = [];
    private long _reserved;

    // What a version took when it was in memory, which may be more than its files.
    private readonly Dictionary<(string Name, int Version), long> _sizes = [];

    // With a budget one load at a time: two that look for room at once would each find the other's in the way.
    private readonly SemaphoreSlim? _turn = options.MemoryBytes > 0 ? new SemaphoreSlim(1) : null;

    /// <summary>Set at the end: loads that are under way are thrown away.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Everything that is in memory, also what is leaving.</summary>
    public IReadOnlyCollection<LoadedVersion> Held => _held;

    /// <summary>True when a version fits into memory without another having to leave.</summary>
    public bool Fits(FoundVersion files) => options.MemoryBytes <= 0 || Used(null) + SizeOf(files) <= options.MemoryBytes;

    /// <summary>Begins a load, or joins the one that is under way. What answers meanwhile goes on answering until the new one is warm. Under the gate.</summary>
    /// <param name="entry">What to load.</param>
    /// <param name="arriving">True when nobody waits for it.</param>
    public Task<LoadedVersion> Start(ModelEntry entry, bool arriving)
    {
        entry.IsArriving = arriving && (entry.Load is null || entry.IsArriving);
        if (entry.Load is { } underWay)
            return underWay;
        if (entry.Current is null)
            table.Move(entry, ModelState.Loading, "");
        var load = entry.Load = Task.Run(() => InTurnAsync(() => LoadAsync(entry), CancellationToken.None));
        // Whether anybody waits for it or not: a fault is told in the entry.
        _ = load.ContinueWith(failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return load;
    }

    /// <summary>Takes a version out of memory once its requests are done. Under the gate.</summary>
    /// <returns>Ends when its memory is returned.</returns>
    public Task Unload(ModelEntry entry, string reason)
    {
        if (entry.Current is not { } current)
            return Task.CompletedTask;
        entry.Current = null;
        (entry.Passport, entry.Explanation) = (current.Model.Passport, current.Model.Explanation);
        table.Move(entry, ModelState.Unloading, reason);
        return LeaveAsync(current, entry);
    }

    /// <summary>Opens a version and puts it in its place, while no other is looking for room.</summary>
    public async Task<T> InTurnAsync<T>(Func<Task<T>> open, CancellationToken ct)
    {
        if (_turn is null)
            return await open();
        await _turn.WaitAsync(ct);
        try
        {
            return await open();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Opens and warms up a version that is not served yet, within the budget; to be called in turn.</summary>
    /// <param name="files">Its files.</param>
    /// <param name="replaced">What it will replace, which is not counted: the two overlap for a moment, so that requests never find neither.</param>
    /// <exception cref="InvalidInputException">It cannot be served, or there is no room for it.</exception>
    public async Task<LoadedVersion> OpenAsync(FoundVersion files, LoadedVersion? replaced)
    {
        if (files.Fault is { } fault)
            throw new InvalidInputException(fault);
        long estimate;
        lock (table.Gate)
            estimate = SizeOf(files);
        await MakeRoomAsync(files, estimate, replaced);
        LoadedVersion? loaded = null;
        try
        {
            var opened = options.Open(files, options.Models);
            loaded = new LoadedVersion(opened.Model, opened.MemoryBytes, files);
        }
        finally
        {
            lock (table.Gate)
            {
                _reserved -= estimate;
                if (loaded is not null)
                {
                    _held.Add(loaded);
                    _sizes[(files.Name, files.Version)] = loaded.MemoryBytes;
                }
            }
        }

        try
        {
            var passport = loaded.Model.Passport;
            if (passport.Name != files.Name || passport.Version != files.Version)
                throw new InvalidInputException(
                    $"{files.Graph}: the passport is of '{passport.Name}' version {passport.Version}, but lies where '{files.Name}' version {files.Version} belongs.");
            if (options.MemoryBytes > 0)
                await MakeRoomAsync(files, 0, replaced, loaded);
            return loaded;
        }
        catch
        {
            await DropAsync(loaded);
            throw;
        }
    }

    /// <summary>Puts an opened version in the place of what answered before, which leaves when its requests are done. Under the gate.</summary>
    public void Publish(ModelEntry entry, LoadedVersion loaded)
    {
        var replaced = entry.Current;
        (entry.Current, entry.Passport, entry.IsArriving) = (loaded, loaded.Model.Passport, false);
        table.Touch(entry);
        table.Move(entry, ModelState.Ready, "");
        if (replaced is not null)
            _ = LeaveAsync(replaced, null);
    }

    /// <summary>Closes what was opened and is not wanted after all.</summary>
    public Task DropAsync(LoadedVersion loaded)
    {
        lock (table.Gate)
            return LeaveAsync(loaded, null);
    }

    private async Task<LoadedVersion> LoadAsync(ModelEntry entry)
    {
        while (true)
        {
            int generation;
            FoundVersion files;
            LoadedVersion? replaced;
            lock (table.Gate)
                (generation, files, replaced) = (entry.Generation, entry.Files, entry.Current);

            LoadedVersion? loaded = null;
            Exception? fault = null;
            try
            {
                loaded = await OpenAsync(files, replaced);
            }
            catch (Exception e)
            {
                fault = e;
            }

            if (Settle(entry, generation, loaded, fault) is { } outcome)
                return await outcome;
            if (loaded is not null)
                await DropAsync(loaded);
        }
    }

    /// <summary>Decides what a finished load is good for, under the gate.</summary>
    /// <returns>How it ends, or null when the files changed meanwhile and it has to be done again.</returns>
    private Task<LoadedVersion>? Settle(ModelEntry entry, int generation, LoadedVersion? loaded, Exception? fault)
    {
        lock (table.Gate)
        {
            if (entry.IsRemoved || entry.IsHeld || IsClosed)
            {
                entry.Load = null;
                if (loaded is not null)
                    _ = LeaveAsync(loaded, null);
                if (entry.State == ModelState.Loading)
                    table.Move(entry, ModelState.Unloaded, entry.IsRemoved ? "Its files are gone." : "Unloaded by request.");
                if (entry.IsRemoved)
                    table.Remove(entry);
                return Task.FromException<LoadedVersion>(new ModelUnavailableException($"Model '{entry.Name}' version {entry.Version} was unloaded while it was being loaded."));
            }

            if (generation != entry.Generation)
            {
                if (entry.Current is not { } newer || newer.Files.Tag != entry.Files.Tag)
                    return null;
                entry.Load = null;
                if (loaded is not null)
                    _ = LeaveAsync(loaded, null);
                return Task.FromResult(newer);
            }

            entry.Load = null;
            if (loaded is not null)
            {
                Publish(entry, loaded);
                return Task.FromResult(loaded);
            }

            var reason = fault is InvalidInputException ? fault.Message : $"It could not be loaded ({fault!.GetType().Name}).";
            if (entry.Current is not null)
                table.Move(entry, ModelState.Ready, $"What replaces it could not be loaded: {reason}");
            else if (fault is ModelUnavailableException)
                table.Move(entry, ModelState.Unloaded, reason);
            else
                table.Move(entry, ModelState.Failed, reason);
            return Task.FromException<LoadedVersion>(fault is InvalidInputException ? fault : new ModelUnavailableException(reason, fault));
        }
    }

    /// <summary>Waits until there is room and takes it. The least recently used leave first, those that nobody uses right now before the others; pinned ones stay.</summary>
    private async Task MakeRoomAsync(FoundVersion files, long bytes, params LoadedVersion?[] exempt)
    {
        while (true)
        {
            Task leaving;
            lock (table.Gate)
            {
                var others = Used(exempt[0]);
                if (options.MemoryBytes <= 0 || others + bytes <= options.MemoryBytes)
                {
                    _reserved += bytes;
                    return;
                }

                if (!_held.Any(held => held.IsLeaving && !exempt.Contains(held)))
                {
                    var victim = table.All
                        .Where(entry => entry.Current is { } current && !entry.IsPinned && !exempt.Contains(current))
                        .OrderBy(entry => entry.Current!.Leases > 0).ThenBy(entry => entry.LastUse)
                        .FirstOrDefault();
                    if (victim is null)
                        throw NoRoom(files, exempt is [_, { } opened] ? opened.MemoryBytes : bytes);
                    _ = Unload(victim, $"Unloaded to make room for '{files.Name}' version {files.Version}.");
                }

                leaving = Task.WhenAny(_held.Where(held => held.IsLeaving && !exempt.Contains(held)).Select(held => held.Closed));
            }

            try
            {
                await leaving.WaitAsync(options.DrainWait, options.Models.Time);
            }
            catch (TimeoutException e)
            {
                throw new ModelUnavailableException($"Model '{files.Name}' version {files.Version} waits for memory that other models are still answering with.", e);
            }
        }
    }

    private long SizeOf(FoundVersion files) => Math.Max(files.Bytes, _sizes.GetValueOrDefault((files.Name, files.Version)));

    private long Used(LoadedVersion? except) => _held.Where(held => held != except).Sum(held => held.MemoryBytes) + _reserved;

    private ModelUnavailableException NoRoom(FoundVersion files, long bytes)
    {
        var pinned = table.All.Where(entry => entry is { IsPinned: true, Current: not null }).Sum(entry => entry.Current!.MemoryBytes);
        return new ModelUnavailableException(string.Create(CultureInfo.InvariantCulture,
            $"Model '{files.Name}' version {files.Version} needs {bytes:N0} bytes; the models may hold {options.MemoryBytes:N0} together, of which pinned ones hold {pinned:N0}."));
    }

    private async Task LeaveAsync(LoadedVersion loaded, ModelEntry? entry)
    {
        loaded.Leave();

        // Never on the caller's stack, which holds the gate. What fails to close is gone all the same.
        await loaded.Closed.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);
        lock (table.Gate)
        {
            _held.Remove(loaded);
            if (entry is not { Current: null, Load: null })
                return;
            if (entry.IsRemoved)
                table.Remove(entry);
            if (entry.State == ModelState.Unloading)
                table.Move(entry, ModelState.Unloaded, entry.Reason);
        }
    }
}
