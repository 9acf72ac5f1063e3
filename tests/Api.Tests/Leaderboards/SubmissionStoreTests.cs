using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Serve.Api.Datasets.Storage;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Hosting;
using Serve.Api.Leaderboards;
using Serve.Api.Leaderboards.Storage;
using Serve.Api.Problems;
using Serve.Api.Storage;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Leaderboards;

/// <summary>Submissions are counted, each test on both databases.</summary>
public abstract class SubmissionStoreTests : IAsyncLifetime
{
    private DatabaseFactory? _databases;

    private protected TemporaryFolder Folder { get; } = TestFiles.NewFolder();

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private SubmissionStore Store => new(_databases!, new EvaluationStore(_databases!, TimeProvider.System), TimeProvider.System);

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
        await using var db = await _databases.CreateDbContextAsync(Token);
        db.Add(new DatasetRow { Name = "tiny", Visibility = Serve.Api.Datasets.DatasetVisibility.Public, CreatedAt = DateTime.UtcNow });
        await db.SaveChangesAsync(Token);
        await new LeaderboardStore(_databases).AddAsync(
            new(
                new() { Name = "board", Title = "Board", Protocol = "coco-bbox", Owner = "host", CreatedAt = DateTime.UtcNow, SubmissionsPerDay = 5 },
                [new() { Leaderboard = "board", Dataset = "tiny", Place = 0, Version = 1, Split = "test", Protocol = "coco-bbox" }]),
            Token);
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
    public async Task Submissions_at_once_do_not_overdraw_a_quota()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => TryAsync(i, "alice"), Token)));
        var other = await TryAsync(99, "bob");

        Assert.Equal([1, 2, 3, 4, 5], taken.OfType<int>().Order());
        Assert.Equal(1, other);
        Assert.Equal(6, (await Store.ListAsync("board", Token)).Count);
        // Nothing is left of those that were refused.
        Assert.Equal(6, (await new EvaluationQueries(_databases!).OpenAsync(Token)).Count);
    }

    [Fact]
    public async Task A_leaderboards_revision_changes_with_what_its_tables_follow_from()
    {
        var before = await Store.RevisionAsync("board", Token);
        await TryAsync(1, "alice");
        var submitted = await Store.RevisionAsync("board", Token);
        await new EvaluationStore(_databases!, TimeProvider.System).FailAsync("e1", "a cause", Token);
        var failed = await Store.RevisionAsync("board", Token);
        var submission = (await Store.FindAsync("board", "s1", Token))!;
        Assert.True(await Store.WithdrawAsync(submission.Row, Token));

        Assert.Equal(new LeaderboardRevision(0, 0, 0, 0), before);
        Assert.Equal(new LeaderboardRevision(1, 0, 0, 0), submitted);
        Assert.Equal(new LeaderboardRevision(1, 0, 1, 0), failed);
        Assert.Equal(new LeaderboardRevision(0, 1, 1, 0), await Store.RevisionAsync("board", Token));
        Assert.Equal(SubmissionState.Failed, submission.State);
        Assert.False(await Store.WithdrawAsync(submission.Row, Token));
        Assert.Empty(await Store.OpenAsync("board", Token));
    }

    /// <returns>How many were used with this one; null when it was refused.</returns>
    private async Task<int?> TryAsync(int i, string submitter)
    {
        var now = DateTime.UtcNow;
        var evaluation = new EvaluationRow { Id = $"e{i}", Dataset = "tiny", Split = "test", DatasetHash = "hash", Protocol = "coco-bbox", CreatedAt = now };
        var submission = new SubmissionRow { Id = $"s{i}", Leaderboard = "board", Method = "m", Submitter = submitter, Kind = SubmissionKind.Detections, SubmittedAt = now };
        try
        {
            return (await Store.AddAsync(submission, [new(evaluation, [1, 2, 3])], Token)).Used;
        }
        catch (RequestRefusedException refusal)
        {
            Assert.Equal(429, refusal.Status);
            return null;
        }
    }
}

public sealed class SqliteSubmissionStoreTests : SubmissionStoreTests
{
    private protected override Task<DatabaseOptions> OptionsAsync() => Task.FromResult(new DatabaseOptions());
}

public sealed class PostgresSubmissionStoreTests(SharedPostgres postgres) : SubmissionStoreTests
{
    private protected override async Task<DatabaseOptions> OptionsAsync() => new() { Kind = "postgres", Connection = await postgres.NewDatabaseAsync() };
}
