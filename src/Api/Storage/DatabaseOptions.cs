using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using Npgsql;

namespace Serve.Api.Storage;

/// <summary>Where the server keeps its state.</summary>
public sealed class DatabaseOptions : IValidatableObject
{
    /// <summary><c>sqlite</c>: a file in the workspace, for one server. <c>postgres</c>: PostgreSQL, which several share.</summary>
    [Required(ErrorMessage = "must be sqlite or postgres.")]
    [RegularExpression("sqlite|postgres", ErrorMessage = "must be sqlite or postgres.")]
    public string Kind { get; set; } = "sqlite";

    /// <summary>How PostgreSQL is reached: <c>Host=db;Database=serve;Username=serve;Password=…</c>. The database has to be there, its tables are made.</summary>
    public string? Connection { get; set; }

    /// <summary>True for PostgreSQL.</summary>
    internal bool IsPostgres => Kind == "postgres";

    /// <inheritdoc/>
    // What is wrong in a connection string is not told, as it may be a part of the password.
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Kind == "sqlite" && !string.IsNullOrEmpty(Connection))
            yield return new ValidationResult("is for PostgreSQL, and Serve:Database:Kind is sqlite: set that to postgres, or leave this out.", [nameof(Connection)]);
        if (IsPostgres && !IsConnection(Connection))
            yield return new ValidationResult(
                "must be a connection string of PostgreSQL, as in Host=db.example.org;Database=serve;Username=serve;Password=secret.", [nameof(Connection)]);
    }

    // Not part of its caller: compiling what mentions the driver loads it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsConnection(string? text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text) is { Host.Length: > 0, Database.Length: > 0 };
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
