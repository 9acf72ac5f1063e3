using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Hosting;
using Serve.Api.Storage;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Evaluation;

/// <summary>The steps of evaluations, each test on both databases.</summary>
public abstract class EvaluationStoreTests : IAsyncLifetime
{
    private const int Shards = 24;
    private DatabaseFactory? _databases;

    private protected TemporaryFolder Folder { get; } = TestFiles.NewFolder();

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private EvaluationStore Store => new(_databases!, TimeProvider.System);

    private EvaluationQueries Queries => new(_databases!);

    private protected abstract Task<DatabaseOptions> OptionsAsync();

    public async ValueTask InitializeAsync()
    {
        var options = Options.Create(new ServeOptions
        {
            Models = Folder.File("models"),
            Data = Folder.File("data"),
            Workspace = Folder.File("workspace"),
            Database = await OptionsAsync(),
        });
        _databases = new DatabaseFactory(options, new ServeFolders(options, NullLogger<ServeFolders>.Instance), NullLoggerFactory.Instance);
        // Nodes that start at once all bring the tables up to date.
        await Task.WhenAll(Enumerable.Range(0, options.Value.Database.IsPostgres ? 4 : 1).Select(async _ =>
        {
            await using var db = _databases.CreateDbContext();
            await db.MigrateAsync(Token);
        }));
    }

    public ValueTask DisposeAsync()
    {
        _databases?.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_migrations_make_the_tables_that_the_code_asks_for()
    {
        await using var db = _databases!.CreateDbContext();

        Assert.Empty(await db.Database.GetPendingMigrationsAsync(Token));
        Assert.False(db.Database.HasPendingModelChanges(), "A row was changed without a migration (see SqliteDatabaseDesign and PostgresDatabaseDesign).");
    }

    [Fact]
    public async Task Shards_that_end_at_once_are_each_counted_once_and_the_last_is_told()
    {
        var id = await PlannedAsync("counted");

        // Each is ended twice, as by a worker that was taken for dead and the one in its place.
        var told = await Task.WhenAll(Enumerable.Range(0, Shards).SelectMany(index => (int[])[index, index])
            .Select(index => Task.Run(() => Store.CompleteShardAsync(id, index, $"key-{index}", [1], null, Token), Token)));

        var evaluation = await Queries.FindAsync(id, Token);
        Assert.Equal((Shards, Shards, true), (evaluation!.ShardsDone, evaluation.ImagesDone, evaluation.Reducing));
        Assert.Contains(true, told);
        var events = await Queries.EventsAsync(id, 0, Token);
        Assert.Equal(["queued", "running", .. Enumerable.Repeat("progress", Shards)], events.Select(entry => entry.Type));
        Assert.Equal(Enumerable.Range(0, Shards + 1), events.Skip(1).Select(entry => entry.Event.ShardsDone));
    }

    [Fact]
    public async Task Evaluations_that_store_the_same_detections_at_once_keep_them_once()
    {
        string[] ids = [await PlannedAsync("a"), await PlannedAsync("b"), await PlannedAsync("c")];

        await Task.WhenAll(ids.Select(id => Task.Run(() => Store.CompleteShardAsync(id, 0, "shared", [1, 2, 3], null, Token), Token)));

        await using var db = _databases!.CreateDbContext();
        Assert.Equal([1, 2, 3], (await db.ShardResults.SingleAsync(Token)).Detections);
        foreach (var id in ids)
            Assert.Equal(1, (await Queries.FindAsync(id, Token))!.ShardsDone);
    }

    [Fact]
    public async Task Attempts_that_are_counted_at_once_are_all_counted()
    {
        var id = await PlannedAsync("attempts");

        var counts = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => Store.CountAttemptAsync(id, 3, +1, Token), Token)));

        Assert.Equal(Enumerable.Range(1, 12), counts.Order());
    }

    [Fact]
    public async Task One_end_of_an_evaluation_is_kept_and_it_is_planned_once()
    {
        var id = await PlannedAsync("ended");
        var again = await Store.PlanAsync(id, 1, "cpu", Token);

        var cancelled = Task.Run(() => Store.CancelAsync(id, Token), Token);
        await Task.WhenAll(cancelled, Task.Run(() => Store.FailAsync(id, "a cause", Token), Token), Task.Run(() => Store.CompleteAsync(id, "{}", new() { EvaluationId = id, Value = 0.5, Lower = 0.4, Upper = 0.6, Numbers = "{}", Samples = [] }, Token), Token));

        Assert.Equal(Shards, again!.Shards);
        var evaluation = await Queries.FindAsync(id, Token);
        Assert.True(evaluation!.IsOver);
        Assert.Equal(await cancelled, evaluation.State == EvaluationState.Cancelled);
        Assert.Equal(evaluation.State == EvaluationState.Done, await Queries.ReportAsync(id, Token) is not null);
        Assert.Single(await Queries.EventsAsync(id, 0, Token), entry => entry.Event.State is not (EvaluationState.Queued or EvaluationState.Running));
        Assert.Null(await Store.PlanAsync(id, 1, "cpu", Token));
    }

    private async Task<string> PlannedAsync(string name)
    {
        await Store.AddAsync(
            new EvaluationRow
            {
                Id = name,
                Dataset = "tiny",
                Split = "test",
                DatasetHash = "hash",
                Model = "shapes",
                ModelVersion = 1,
                Protocol = "coco-bbox",
                CreatedAt = DateTime.UtcNow,
                Images = Shards,
            },
            submitted: null, Token);
        await Store.PlanAsync(name, shardImages: 1, "cpu", Token);
        return name;
    }
}

public sealed class SqliteEvaluationStoreTests : EvaluationStoreTests
{
    private protected override Task<DatabaseOptions> OptionsAsync() => Task.FromResult(new DatabaseOptions());
}

public sealed class PostgresEvaluationStoreTests(SharedPostgres postgres) : EvaluationStoreTests
{
    private protected override async Task<DatabaseOptions> OptionsAsync()
        => new() { Kind = "postgres", Connection = await postgres.NewDatabaseAsync() };
}
