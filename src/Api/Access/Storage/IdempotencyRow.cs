using Microsoft.EntityFrameworkCore;

namespace Serve.Api.Access.Storage;

/// <summary>A request that makes something, told apart by its owner's key for it, and its answer.</summary>
internal sealed class IdempotencyRow
{
    public required string Owner { get; init; }

    public required string Key { get; init; }

    public required string Method { get; init; }

    /// <summary>Path and query.</summary>
    public required string Path { get; init; }

    /// <summary>SHA-256 of the body.</summary>
    public required byte[] BodyHash { get; init; }

    public required DateTime CreatedAt { get; init; }

    /// <summary>Status of the answer; null while it is worked on.</summary>
    public int? Status { get; set; }

    public string? Location { get; set; }

    public string? ContentType { get; set; }

    public byte[]? Body { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<IdempotencyRow>(request =>
    {
        request.ToTable("idempotency").HasKey(row => new { row.Owner, row.Key });
        request.HasIndex(row => row.CreatedAt);
    });
}
