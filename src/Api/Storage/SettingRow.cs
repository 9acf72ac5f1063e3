using Microsoft.EntityFrameworkCore;

namespace Serve.Api.Storage;

/// <summary>A value that all servers of a database share.</summary>
internal sealed class SettingRow
{
    public required string Name { get; init; }

    public required string Value { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<SettingRow>().ToTable("settings").HasKey(row => row.Name);
}
