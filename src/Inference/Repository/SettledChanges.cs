namespace Serve.Inference.Repository;

/// <summary>
/// Tells which versions have changed and are complete: their files stayed as they are for a while, and none of them is one that somebody is still writing. A file
/// that is copied slowly is seen to grow, or to be younger at the next look.
/// </summary>
internal sealed class SettledChanges(TimeSpan settle)
{
    private const string Gone = "";

    private readonly Dictionary<(string Name, int Version), (string Tag, DateTimeOffset Since)> _pending = [];

    /// <summary>True while something has changed and is not settled.</summary>
    public bool IsWaiting => _pending.Count > 0;

    /// <summary>Compares what lies there with what is known.</summary>
    /// <param name="known">Tags of the known versions.</param>
    /// <param name="found">What lies there now.</param>
    /// <param name="now">The time.</param>
    /// <returns>Versions that are new or changed and complete, and those that are gone.</returns>
    public (List<FoundVersion> Changed, List<(string Name, int Version)> Gone) Take(
        IReadOnlyDictionary<(string Name, int Version), string> known, IReadOnlyList<FoundVersion> found, DateTimeOffset now)
    {
        var changed = new List<FoundVersion>();
        var gone = new List<(string, int)>();
        var there = new HashSet<(string, int)>();
        foreach (var version in found)
        {
            var key = (version.Name, version.Version);
            there.Add(key);
            if (known.TryGetValue(key, out var tag) && tag == version.Tag)
                _pending.Remove(key);
            else if (HasSettled(key, version.Tag, now) && version.Unfinished is null)
                changed.Add(version);
        }

        foreach (var key in known.Keys.Where(key => !there.Contains(key)))
            if (HasSettled(key, Gone, now))
                gone.Add(key);
        foreach (var key in _pending.Keys.Where(key => !there.Contains(key) && !known.ContainsKey(key)).ToList())
            _pending.Remove(key);
        foreach (var key in changed.Select(version => (version.Name, version.Version)).Concat(gone))
            _pending.Remove(key);
        return (changed, gone);
    }

    private bool HasSettled((string Name, int Version) key, string tag, DateTimeOffset now)
    {
        if (!_pending.TryGetValue(key, out var seen) || seen.Tag != tag)
            _pending[key] = seen = (tag, now);
        return now - seen.Since >= settle;
    }
}
