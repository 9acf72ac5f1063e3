using Serve.Eval;
using Serve.Inference.Detection;
using Serve.Inference.Repository;
using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Repository;

public sealed class ModelRepositoryTests : IDisposable
{
    private readonly ModelsFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Models_are_listed_by_name_and_version_without_loading()
    {
        _folder.Write("zebra", 1);
        _folder.Write("ant", 10);
        _folder.Write("ant", 9);

        await using var models = _folder.Open();

        Assert.Equal(
            [("ant", 9, ModelState.Unloaded), ("ant", 10, ModelState.Unloaded), ("zebra", 1, ModelState.Unloaded)],
            models.Versions.Select(version => (version.Name, version.Version, version.State)));
        Assert.All(models.Versions, version => Assert.Equal(version.Name, version.Passport!.Name));
        Assert.Equal((0L, "ant"), (models.MemoryBytes, models.DefaultName));
        Assert.Empty(models.Faults);
    }

    [Fact]
    public async Task The_highest_version_is_given_unless_another_is_asked_for()
    {
        _folder.Write("ant", 9);
        _folder.Write("ant", 10);
        await using var models = _folder.Open();

        using var highest = await models.AcquireAsync("ant", null, Ct);
        using var nine = await models.AcquireAsync("ant", 9, Ct);
        using var unnamed = await models.AcquireAsync(null, null, Ct);

        Assert.Equal((10, 10), (highest.Version, highest.Model.Passport.Version));
        Assert.Equal((9, 9), (nine.Version, nine.Model.Passport.Version));
        Assert.Same(highest.Model, unnamed.Model);
        Assert.All(models.Versions, version => Assert.Equal(ModelState.Ready, version.State));
        Assert.Equal([1, 2], models.Versions.Select(version => version.InUse));
    }

    [Fact]
    public async Task A_model_is_loaded_once_for_all_callers()
    {
        _folder.Write("ant", 1);
        await using var models = _folder.Open();

        var leases = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(async () => await models.AcquireAsync("ant", null, Ct), Ct)));

        Assert.Single(leases.Select(lease => lease.Model).Distinct());
        Assert.NotEmpty((await leases[0].Model.DetectAsync(TestModels.Grey(200), new DetectionOptions(), Ct)).Detections);
        Array.ForEach(leases, lease => lease.Dispose());
    }

    [Fact]
    public async Task A_caller_that_leaves_does_not_end_the_load_that_others_wait_for()
    {
        _folder.Write("ant", 1);
        using var gate = new ManualResetEventSlim();
        await using var models = _folder.Open(options => options with
        {
            Open = (files, how) =>
            {
                gate.Wait(Ct);
                return OpenedModel.Open(files, how);
            },
        });
        using var leaving = new CancellationTokenSource();
        var first = models.AcquireAsync("ant", null, leaving.Token).AsTask();
        var second = models.AcquireAsync("ant", null, Ct).AsTask();

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.Set();

        using var lease = await second;
        Assert.Equal("ant", lease.Name);
    }

    [Theory]
    [InlineData("bee", null, "There is no model \"bee\". Models: ant.")]
    [InlineData("../ant", null, "There is no model \"../ant\". Models: ant.")]
    [InlineData("ant", 3, "Model \"ant\" has no version 3; its versions are 1. Models: ant.")]
    public async Task What_is_not_there_is_refused_with_what_is(string name, int? version, string message)
    {
        _folder.Write("ant", 1);
        await using var models = _folder.Open();

        var refused = await Assert.ThrowsAsync<UnknownModelException>(async () => await models.AcquireAsync(name, version, Ct));

        Assert.Equal(message, refused.Message);
        Assert.Equal(["ant"], refused.Names);
    }

    [Fact]
    public async Task An_empty_folder_says_so()
    {
        await using var models = _folder.Open();

        var refused = await Assert.ThrowsAsync<UnknownModelException>(async () => await models.AcquireAsync(null, null, Ct));

        Assert.Equal("There are no models here. Put one into the models folder.", refused.Message);
        Assert.Null(models.DefaultName);
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        var missing = _folder.File("none");

        var refused = Assert.Throws<InvalidInputException>(() => ModelRepository.Open(missing, new ModelRepositoryOptions()));

        Assert.StartsWith($"{missing}: there is no such models folder", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_faulty_version_is_told_and_the_one_below_it_answers()
    {
        _folder.Write("ant", 1);
        _folder.Write("ant", 2);
        File.WriteAllBytes(_folder.File("ant/2/model.onnx"), [1, 2, 3]);
        _folder.Write("bee", 1);
        await using var models = _folder.Open();

        using var lease = await models.AcquireAsync("ant", null, Ct);

        Assert.Equal(1, lease.Version);
        Assert.Equal((ModelState.Failed, 1), (models.Find("ant", 2).State, models.Find("ant", null).Version));
        Assert.Contains("not an ONNX model, or a damaged one", models.Find("ant", 2).Reason, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<ModelUnavailableException>(async () => await models.AcquireAsync("ant", 2, Ct));
        Assert.StartsWith("Model 'ant' version 2 cannot be served. ", refused.Message, StringComparison.Ordinal);
        using var other = await models.AcquireAsync("bee", null, Ct);
        Assert.Equal("bee", other.Model.Passport.Name);
    }

    [Fact]
    public async Task A_model_that_failed_to_load_is_tried_again_once_its_files_are_others_and_not_before()
    {
        _folder.Write("ant", 1, threshold: 0.9);
        var opened = 0;
        await using var models = _folder.Open(options => options with
        {
            Open = (files, how) =>
            {
                opened++;
                var model = OpenedModel.Open(files, how);
                return model.Model.Passport.ScoreThreshold < 0.9 ? model : throw new InvalidInputException("The threshold is too high.");
            },
        });

        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<ModelUnavailableException>(async () => await models.AcquireAsync("ant", null, Ct));
        Assert.Equal(1, opened);
        _folder.Write("ant", 1, threshold: 0.1);

        using var lease = await models.AcquireAsync("ant", null, Ct);
        Assert.Equal((1, 2), (lease.Version, opened));
    }

    [Fact]
    public async Task A_fault_that_is_no_message_for_users_leaves_no_version_loading_for_ever()
    {
        _folder.Write("ant", 1);
        await using var models = _folder.Open(options => options with { Open = (_, _) => throw new NotSupportedException("inside") });

        var refused = await Assert.ThrowsAsync<ModelUnavailableException>(async () => await models.AcquireAsync("ant", null, Ct));

        Assert.DoesNotContain("inside", refused.Message, StringComparison.Ordinal);
        Assert.Equal((ModelState.Failed, "It could not be loaded (NotSupportedException)."), (models.Find("ant", 1).State, models.Find("ant", 1).Reason));
    }

    [Fact]
    public async Task Unloading_lets_requests_in_flight_finish_and_keeps_the_model_out_until_it_is_loaded()
    {
        _folder.Write("ant", 1);
        await using var models = _folder.Open();
        var lease = await models.AcquireAsync("ant", null, Ct);

        var unloading = models.UnloadAsync("ant", null, Ct);

        Assert.False(unloading.IsCompleted);
        Assert.Equal(ModelState.Unloading, models.Find("ant", 1).State);
        await Assert.ThrowsAsync<ModelUnavailableException>(async () => await models.AcquireAsync("ant", null, Ct));
        Assert.NotEmpty((await lease.Model.DetectAsync(TestModels.Grey(200), new DetectionOptions(), Ct)).Detections);
        lease.Dispose();
        lease.Dispose();
        await unloading;
        Assert.Equal((ModelState.Unloaded, "Unloaded by request.", 0L), (models.Find("ant", 1).State, models.Find("ant", 1).Reason, models.MemoryBytes));
        var refused = await Assert.ThrowsAsync<ModelUnavailableException>(async () => await models.AcquireAsync("ant", null, Ct));
        Assert.Equal("Model 'ant' version 1 was unloaded by request; load it to use it.", refused.Message);
        await models.LoadAsync("ant", null, Ct);
        using var again = await models.AcquireAsync("ant", null, Ct);
        Assert.NotSame(lease.Model, again.Model);
    }

    [Fact]
    public async Task Loading_again_swaps_to_the_new_files_and_requests_in_flight_keep_the_old_ones()
    {
        _folder.Write("ant", 1, threshold: 0.1);
        await using var models = _folder.Open();
        using var before = await models.AcquireAsync("ant", null, Ct);
        _folder.Write("ant", 1, threshold: 0.2);

        await models.LoadAsync("ant", 1, Ct);

        using var after = await models.AcquireAsync("ant", null, Ct);
        Assert.Equal((0.1, 0.2), (before.Model.Passport.ScoreThreshold, after.Model.Passport.ScoreThreshold));
        Assert.NotEmpty((await before.Model.DetectAsync(TestModels.Grey(200), new DetectionOptions(), Ct)).Detections);
    }

    [Fact]
    public async Task When_loading_again_fails_the_old_one_stays_and_the_reason_is_told()
    {
        _folder.Write("ant", 1, threshold: 0.1);
        await using var models = _folder.Open();
        (await models.AcquireAsync("ant", null, Ct)).Dispose();
        File.WriteAllBytes(_folder.File("ant/1/model.onnx"), [1, 2, 3]);

        await Assert.ThrowsAsync<ModelUnavailableException>(() => models.LoadAsync("ant", 1, Ct));

        var version = models.Find("ant", 1);
        Assert.Equal(ModelState.Ready, version.State);
        Assert.StartsWith("What replaces it could not be loaded: ", version.Reason, StringComparison.Ordinal);
        using var lease = await models.AcquireAsync("ant", null, Ct);
        Assert.Equal(0.1, lease.Model.Passport.ScoreThreshold);
    }

    [Fact]
    public async Task Every_change_of_state_is_told_in_order()
    {
        _folder.Write("ant", 1);
        await using var models = _folder.Open();
        var told = new List<(ModelState From, ModelState To)>();
        models.Changed += change => told.Add((change.From, change.Version.State));

        (await models.AcquireAsync("ant", null, Ct)).Dispose();
        await models.UnloadAsync("ant", null, Ct);

        Assert.Equal(
            [
                (ModelState.Unloaded, ModelState.Loading), (ModelState.Loading, ModelState.Ready), (ModelState.Ready, ModelState.Unloading),
                (ModelState.Unloading, ModelState.Unloaded),
            ],
            told);
    }

    [Fact]
    public async Task Closing_waits_for_leases_and_refuses_further_ones()
    {
        _folder.Write("ant", 1);
        var models = _folder.Open();
        var lease = await models.AcquireAsync("ant", null, Ct);

        var closing = models.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await models.AcquireAsync("ant", null, Ct));
        Assert.NotEmpty((await lease.Model.DetectAsync(TestModels.Grey(200), new DetectionOptions(), Ct)).Detections);
        Assert.False(closing.IsCompleted);
        lease.Dispose();

        await closing;
    }

    [Fact]
    public async Task Closing_does_not_wait_for_ever()
    {
        _folder.Write("ant", 1);
        var models = _folder.Open(options => options with { DrainWait = TimeSpan.FromMilliseconds(50) });
        using var lease = await models.AcquireAsync("ant", null, Ct);

        await models.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => lease.Model.DetectAsync(TestModels.Grey(200), new DetectionOptions(), Ct));
    }
}
