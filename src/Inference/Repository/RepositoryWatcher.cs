namespace Serve.Inference.Repository;

/// <summary>Follows a models folder: looks when the system tells of a change, and every now and then without, as on network shares.</summary>
internal sealed class RepositoryWatcher : IAsyncDisposable
{
    // A copy of a large file tells of itself thousands of times.
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _told = new(0, 1);
    private readonly FileSystemWatcher? _system;
    private readonly Func<bool> _look;
    private readonly TimeSpan _settle;
    private readonly TimeSpan _rescan;
    private readonly Task _work;

    /// <summary>Begins to follow a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">How often to look.</param>
    /// <param name="look">Looks and takes over what has settled; true while something has not.</param>
    public RepositoryWatcher(string folder, ModelRepositoryOptions options, Func<bool> look)
    {
        (_look, _settle, _rescan) = (look, options.Settle, options.Rescan);
        _system = Listen(folder);
        _work = Task.Run(FollowAsync);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _system?.Dispose();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
        _told.Dispose();
    }

    private FileSystemWatcher? Listen(string folder)
    {
        try
        {
            var system = new FileSystemWatcher(folder) { IncludeSubdirectories = true };
            system.Created += (_, change) => Tell(change.FullPath);
            system.Changed += (_, change) => Tell(change.FullPath);
            system.Deleted += (_, change) => Tell(change.FullPath);
            system.Renamed += (_, change) => Tell(change.FullPath);
            system.Error += (_, _) => Tell(folder);
            system.EnableRaisingEvents = true;
            return system;
        }
        catch (IOException)
        {
            // The system gives out only so many of them; looking every now and then finds the same, later.
            return null;
        }
    }

    private void Tell(string path)
    {
        if (path.Contains($"{Path.DirectorySeparatorChar}{ModelStaging.FolderName}{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            return;
        try
        {
            _told.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // It is known already, or nobody listens any more.
        }
    }

    private async Task FollowAsync()
    {
        var waiting = false;
        while (!_end.IsCancellationRequested)
        {
            await _told.WaitAsync(waiting ? Longer(_settle / 4, Breath) : _rescan, _end.Token);
            waiting = _look();
            await Task.Delay(Shorter(_settle, Breath), _end.Token);
        }
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
