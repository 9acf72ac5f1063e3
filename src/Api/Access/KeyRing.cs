using System.Collections.Concurrent;
using System.Security.Cryptography;
using Serve.Api.Access.Storage;

namespace Serve.Api.Access;

/// <summary>Tells who a key belongs to. Keys are remembered for moments, so that a client that sends many requests does not ask the database at each.</summary>
internal sealed class KeyRing(KeyStore store, TimeProvider time)
{
    /// <summary>How long a key that was revoked elsewhere, on the command line or another node, may still be taken here.</summary>
    internal static readonly TimeSpan Remembered = TimeSpan.FromSeconds(2);

    private const string Unknown = "This server has no such key.";

    private readonly ConcurrentDictionary<string, (KeyRow Row, long ReadAt)> _known = new();
    private readonly ConcurrentDictionary<string, DateTime> _used = new();

    /// <summary>Checks a key.</summary>
    /// <returns>Its caller, or why there is none.</returns>
    public async Task<(Caller? Caller, string? Refusal)> CheckAsync(string given, CancellationToken ct)
    {
        if (ApiKey.Find(given) is not { } key)
            return (null, "What was sent is not a key of this server; they begin with serve_.");
        // Whoever has only the id learns nothing about the key.
        if (await FindAsync(key.Id, ct) is not { } row || !CryptographicOperations.FixedTimeEquals(row.SecretHash, key.SecretHash))
            return (null, Unknown);
        var now = time.GetUtcNow().UtcDateTime;
        if (row.RevokedAt is { } revoked)
            return (null, $"The key \"{row.Name}\" ({row.Id}) was revoked at {revoked:u}.");
        if (row.ExpiresAt is { } end && end <= now)
            return (null, $"The key \"{row.Name}\" ({row.Id}) expired at {end:u}.");
        _used[row.Id] = now;
        return (new Caller(row.Id, row.Name, row.Role, row.PerSecond, row.Burst), null);
    }

    /// <summary>Forgets a key that was changed here.</summary>
    public void Forget(string id) => _known.TryRemove(id, out _);

    /// <summary>When keys were last used since the last call.</summary>
    public IReadOnlyDictionary<string, DateTime> TakeUsed()
    {
        var taken = new Dictionary<string, DateTime>();
        foreach (var id in _used.Keys)
            if (_used.TryRemove(id, out var at))
                taken[id] = at;
        return taken;
    }

    private async Task<KeyRow?> FindAsync(string id, CancellationToken ct)
    {
        if (_known.TryGetValue(id, out var known) && time.GetElapsedTime(known.ReadAt) < Remembered)
            return known.Row;
        var readAt = time.GetTimestamp();
        // Only keys that exist are remembered: guesses cannot fill the memory.
        if (await store.FindAsync(id, ct) is not { } row)
            return null;
        _known[id] = (row, readAt);
        return row;
    }
}
