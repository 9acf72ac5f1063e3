using Microsoft.EntityFrameworkCore;

namespace Serve.Api.Access.Storage;

/// <summary>A request that changed something, or was refused for want of a key or a role.</summary>
internal sealed class AuditRow
{
    public long Id { get; init; }

    public required DateTime At { get; init; }

    /// <summary>The key; null where none was needed or none was known.</summary>
    public string? KeyId { get; init; }

    /// <summary>The caller's name; null when nobody is known.</summary>
    public string? Name { get; init; }

    public Role? Role { get; init; }

    public string? Address { get; init; }

    public required string Method { get; init; }

    /// <summary>The route, as in <c>/v1/evaluations/{id}</c>.</summary>
    public required string Route { get; init; }

    /// <summary>The path that was asked for.</summary>
    public required string Target { get; init; }

    public required int Status { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<AuditRow>(entry =>
    {
        entry.ToTable("audit").HasKey(row => row.Id);
        entry.Property(row => row.Id).ValueGeneratedOnAdd();
        entry.Property(row => row.Role).HasConversion<string>();
        entry.HasIndex(row => row.At);
    });
}
