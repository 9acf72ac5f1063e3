using Microsoft.EntityFrameworkCore;

namespace Serve.Api.Access.Storage;

/// <summary>A key. Revoked ones stay, so that the audit log's ids keep their meaning.</summary>
internal sealed class KeyRow
{
    public required string Id { get; init; }

    /// <summary>SHA-256 of the secret.</summary>
    public required byte[] SecretHash { get; init; }

    /// <summary>The owner of what is made with it.</summary>
    public required string Name { get; init; }

    public required Role Role { get; init; }

    public required DateTime CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public DateTime? ExpiresAt { get; init; }

    public DateTime? RevokedAt { get; set; }

    public string? RevokedBy { get; set; }

    /// <summary>At most a minute behind.</summary>
    public DateTime? LastUsedAt { get; set; }

    /// <summary>Its own rate; null for the server's.</summary>
    public double? PerSecond { get; init; }

    public int? Burst { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<KeyRow>(key =>
    {
        key.ToTable("keys").HasKey(row => row.Id);
        key.Property(row => row.Role).HasConversion<string>();
    });
}
