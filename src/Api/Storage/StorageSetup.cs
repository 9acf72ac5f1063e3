using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Npgsql;
using Serve.Api.Hosting;

namespace Serve.Api.Storage;

/// <summary>Registers the database.</summary>
internal static class StorageSetup
{
    public static IServiceCollection AddStorage(this IServiceCollection services) => services.AddSingleton<DatabaseFactory>();

    /// <summary>Makes the tables or brings them up to date.</summary>
    /// <exception cref="IOException">The database cannot be had.</exception>
    // Not part of its caller: compiling what mentions the database loads its packages, which a server that only detects does without.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static async Task PrepareStorageAsync(this IServiceProvider services, CancellationToken ct)
    {
        try
        {
            await using var database = await services.GetRequiredService<DatabaseFactory>().CreateDbContextAsync(ct);
        }
        catch (Exception fault) when (DatabaseFaultIn(fault) is { } cause)
        {
            // The message names host and user, never the password.
            var where = services.GetRequiredService<IOptions<ServeOptions>>().Value.Database is { IsPostgres: true, Connection: { } connection }
                && new NpgsqlConnectionStringBuilder(connection) is var given
                    ? $"PostgreSQL database \"{given.Database}\" at {given.Host}:{given.Port} (Serve:Database:Connection)"
                    : "database in the workspace";
            throw new IOException($"The {where} cannot be used: {cause.Message}", fault);
        }
    }

    // EF Core puts one around what it takes for passing.
    private static DbException? DatabaseFaultIn(Exception fault) => fault as DbException ?? fault.InnerException as DbException;
}
