using Serve.Inference.Models;
using Serve.Inference.Repository;

namespace Serve.Inference.Tests.Repository;

public sealed class MemoryBudgetTests : IDisposable
{
    private readonly ModelsFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_least_recently_used_leaves_for_another_and_comes_back_when_asked_for()
    {
        await using var models = Open(["a", "b", "c"], budget: 250_000);
        await UseAsync(models, "a", "b", "a", "c");

        Assert.Equal(["a", "c"], Loaded(models));
        Assert.Equal("Unloaded to make room for 'c' version 1.", models.Find("b", 1).Reason);
        Assert.Equal(200_000, models.MemoryBytes);
        await UseAsync(models, "b");
        Assert.Equal(["b", "c"], Loaded(models));
    }

    [Fact]
    public async Task A_model_that_is_answering_leaves_only_after_those_that_are_not()
    {
        await using var models = Open(["a", "b", "c"], budget: 250_000);
        using var lease = await models.AcquireAsync("a", null, Ct);
        await UseAsync(models, "b", "c");

        Assert.Equal(["a", "c"], Loaded(models));
    }

    [Fact]
    public async Task A_load_waits_for_the_requests_of_what_must_leave_and_gives_up_after_a_while()
    {
        await using var models = Open(["a", "b"], budget: 150_000, drain: TimeSpan.FromMilliseconds(100));
        var lease = await models.AcquireAsync("a", null, Ct);

        var refused = await Assert.ThrowsAsync<ModelUnavailableException>(async () => await models.AcquireAsync("b", null, Ct));
        Assert.Equal("Model 'b' version 1 waits for memory that other models are still answering with.", refused.Message);
        Assert.Equal(ModelState.Unloading, models.Find("a", 1).State);
        lease.Dispose();

        await UseAsync(models, "b");
        Assert.Equal(["b"], Loaded(models));
    }

    [Fact]
    public async Task Pinned_models_stay()
    {
        await using var models = Open(["a", "b", "c"], budget: 250_000, pinned: ["a"]);
        await UseAsync(models, "a", "b", "c", "b");

        Assert.Equal(["a", "b"], Loaded(models));
    }

    [Fact]
    public async Task A_model_that_does_not_fit_at_all_is_refused_with_the_numbers_and_nothing_leaves_for_it()
    {
        await using var models = Open(["a", "b"], budget: 150_000, pinned: ["a"]);
        await UseAsync(models, "a");

        var refused = await Assert.ThrowsAsync<ModelUnavailableException>(async () => await models.AcquireAsync("b", null, Ct));

        Assert.Equal("Model 'b' version 1 needs 100,000 bytes; the models may hold 150,000 together, of which pinned ones hold 100,000.", refused.Message);
        Assert.Equal(["a"], Loaded(models));
        Assert.Equal((ModelState.Unloaded, 100_000L), (models.Find("b", 1).State, models.MemoryBytes));
    }

    [Fact]
    public async Task A_model_larger_than_the_budget_is_refused_before_anything_leaves()
    {
        await using var models = Open(["a", "b"], budget: 50_000);

        await Assert.ThrowsAsync<ModelUnavailableException>(async () => await models.AcquireAsync("a", null, Ct));

        Assert.Equal(0, models.MemoryBytes);
    }

    [Fact]
    public async Task A_replacement_may_overlap_with_what_it_replaces()
    {
        await using var models = Open(["a"], budget: 150_000);
        await UseAsync(models, "a");

        await models.LoadAsync("a", 1, Ct);

        Assert.Equal(["a"], Loaded(models));
        await ModelsFolder.UntilAsync(() => models.MemoryBytes == 100_000, "the old one has left");
    }

    [Fact]
    public async Task Loads_at_the_same_time_keep_the_budget_together_once_sizes_are_known()
    {
        string[] names = [.. Enumerable.Range(0, 8).Select(i => $"m{i}")];
        await using var models = Open(names, budget: 350_000);
        await UseAsync(models, names);
        var most = 0L;
        models.Changed += _ => most = Math.Max(most, models.MemoryBytes);

        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => UseAsync(models, names[i * 5 % names.Length]), Ct)));

        Assert.InRange(most, 100_000, 350_000);
        Assert.Equal(3, Loaded(models).Length);
    }

    private ModelRepository Open(string[] names, long budget, string[]? pinned = null, TimeSpan? drain = null)
    {
        foreach (var name in names)
            _folder.Write(name, 1);
        return _folder.Open(options => options with
        {
            MemoryBytes = budget,
            Pinned = pinned ?? [],
            DrainWait = drain ?? TimeSpan.FromSeconds(20),
            Open = (files, how) => new OpenedModel(DetectionModel.Load(files.Graph, how), 100_000),
        });
    }

    private static string[] Loaded(ModelRepository models) => [.. models.Versions.Where(version => version.State == ModelState.Ready).Select(version => version.Name)];

    private static async Task UseAsync(ModelRepository models, params string[] names)
    {
        foreach (var name in names)
            (await models.AcquireAsync(name, null, Ct)).Dispose();
    }
}
