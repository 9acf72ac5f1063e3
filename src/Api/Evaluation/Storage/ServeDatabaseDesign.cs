using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Serve.Api.Evaluation.Storage;

/// <summary>Lets <c>EfDesign=true dotnet ef migrations add NAME -o Evaluation/Storage/Migrations</c> write a migration without starting the server.</summary>
internal sealed class ServeDatabaseDesign : IDesignTimeDbContextFactory<ServeDatabase>
{
    /// <inheritdoc/>
    public ServeDatabase CreateDbContext(string[] args)
        => new(new DbContextOptionsBuilder<ServeDatabase>().UseSqlite("Data Source=:memory:").Options);
}
