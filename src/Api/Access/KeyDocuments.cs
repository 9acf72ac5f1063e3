namespace Serve.Api.Access;

/// <summary>Asks for a key.</summary>
public sealed record KeyRequest
{
    /// <summary>Name of whom it is for. What is made with it belongs to this name; a key with the same name belongs to the same caller.</summary>
    public string? Name { get; init; }

    /// <summary><c>reader</c>, <c>submitter</c>, <c>host</c> or <c>administrator</c>.</summary>
    public string? Role { get; init; }

    /// <summary>When it ends; without it when it is revoked.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>How many inference requests may be sent with it; without it as many as the server gives everyone.</summary>
    public KeyRate? Rate { get; init; }
}

/// <summary>How many inference requests may be sent with a key.</summary>
/// <param name="PerSecond">So many a second on average.</param>
/// <param name="Burst">So many at once, after a pause; 10 without it.</param>
public sealed record KeyRate(double PerSecond, int? Burst);

/// <summary>A key, without what is secret.</summary>
/// <param name="Id">What names it.</param>
/// <param name="Name">Whom it is for.</param>
/// <param name="Role">What it may do.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="ExpiresAt">When it ends; null when it does not.</param>
/// <param name="RevokedAt">When it was revoked; null when it was not.</param>
/// <param name="LastUsedAt">When it was last used, a minute behind at most; null when it never was.</param>
/// <param name="Rate">Its own rate; null for the server's.</param>
public sealed record KeyDocument(
    string Id, string Name, Role Role, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt,
    KeyRate? Rate);

/// <summary>The keys of this server.</summary>
/// <param name="Keys">Oldest first, revoked ones too.</param>
public sealed record KeyList(IReadOnlyList<KeyDocument> Keys);

/// <summary>A key that was made.</summary>
/// <param name="Key">The key. It is told only here, and kept nowhere.</param>
/// <param name="Details">What is known of it.</param>
public sealed record CreatedKey(string Key, KeyDocument Details);
