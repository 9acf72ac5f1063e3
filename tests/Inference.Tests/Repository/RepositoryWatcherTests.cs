using Serve.Inference.Detection;
using Serve.Inference.Repository;
using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Repository;

public sealed class RepositoryWatcherTests : IDisposable
{
    private readonly ModelsFolder _folder = new();
    private readonly ModelsFolder _elsewhere = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _elsewhere.Dispose();
    }

    [Fact]
    public async Task A_model_that_is_copied_in_is_loaded_and_one_that_is_removed_is_gone()
    {
        await using var models = Watch();

        _folder.Write("ant", 1);
        await ModelsFolder.UntilAsync(() => models.Versions is [{ State: ModelState.Ready }], "ant is ready");
        using (var lease = await models.AcquireAsync("ant", null, Ct))
        {
            Directory.Delete(_folder.File("ant"), recursive: true);
            await ModelsFolder.UntilAsync(() => models.Names.Count == 0, "ant is gone");
            Assert.NotEmpty((await lease.Model.DetectAsync(TestModels.Grey(200), new DetectionOptions(), Ct)).Detections);
        }

        await ModelsFolder.UntilAsync(() => models.Versions.Count == 0 && models.MemoryBytes == 0, "its memory is returned");
    }

    [Fact]
    public async Task A_newer_version_takes_over_once_it_is_warm_and_the_one_before_it_leaves_memory()
    {
        _folder.Write("ant", 1);
        await using var models = Watch();
        (await models.AcquireAsync("ant", null, Ct)).Dispose();

        _folder.Write("ant", 2);
        while (models.Find("ant", null).Version == 1)
        {
            Assert.NotNull(models.Find("ant", null).Loaded);
            await Task.Delay(5, Ct);
        }

        Assert.Equal(ModelState.Ready, models.Find("ant", 2).State);
        await ModelsFolder.UntilAsync(() => models.Find("ant", 1).State == ModelState.Unloaded, "version 1 has left memory");
        Assert.Equal("Version 2 has taken its place.", models.Find("ant", 1).Reason);
        using var old = await models.AcquireAsync("ant", 1, Ct);
        Assert.Equal(1, old.Version);
    }

    [Fact]
    public async Task A_broken_newer_version_leaves_the_one_before_it_and_is_told_and_mended()
    {
        _folder.Write("ant", 1);
        await using var models = Watch();
        (await models.AcquireAsync("ant", null, Ct)).Dispose();
        var whole = File.ReadAllBytes(_folder.File("ant/1/model.onnx"));

        _folder.Write("ant", 2);
        File.WriteAllBytes(_folder.File("ant/2/model.onnx"), whole[..(whole.Length / 2)]);
        await ModelsFolder.UntilAsync(() => models.Versions.Any(version => version is { Version: 2, State: ModelState.Failed }), "version 2 is told");
        Assert.Equal((1, ModelState.Ready), (models.Find("ant", null).Version, models.Find("ant", 1).State));
        File.WriteAllBytes(_folder.File("ant/2/model.onnx"), whole);

        await ModelsFolder.UntilAsync(() => models.Find("ant", null).Version == 2, "version 2 is mended");
    }

    [Fact]
    public async Task Files_that_are_replaced_in_place_are_taken_over()
    {
        _folder.Write("ant", 1, threshold: 0.1);
        await using var models = Watch();
        (await models.AcquireAsync("ant", null, Ct)).Dispose();

        Directory.Delete(_folder.File("ant/1"), recursive: true);
        _folder.Write("ant", 1, threshold: 0.2);

        await ModelsFolder.UntilAsync(() => models.Find("ant", 1).Loaded?.Passport.ScoreThreshold == 0.2, "the new files answer");
    }

    [Fact]
    public async Task A_slow_copy_is_waited_for()
    {
        var source = _elsewhere.Write("ant", 1);
        var opened = 0;
        await using var models = Watch(options => options with
        {
            Settle = TimeSpan.FromSeconds(2),
            Open = (files, how) =>
            {
                Interlocked.Increment(ref opened);
                return OpenedModel.Open(files, how);
            },
        });

        Directory.CreateDirectory(_folder.File("ant/1"));
        foreach (var file in Directory.EnumerateFiles(source).OrderDescending())
            await CopySlowlyAsync(file, _folder.File($"ant/1/{Path.GetFileName(file)}"));

        await ModelsFolder.UntilAsync(() => models.Versions is [{ State: ModelState.Ready }], "ant is ready");
        Assert.Equal(1, opened);
    }

    [Fact]
    public async Task Files_under_a_temporary_name_are_waited_for()
    {
        await using var models = Watch();
        _folder.Write("ant", 1);
        File.WriteAllBytes(_folder.File("ant/1/weights.part"), [1]);

        await Task.Delay(500, Ct);
        Assert.Empty(models.Versions);
        File.Delete(_folder.File("ant/1/weights.part"));

        await ModelsFolder.UntilAsync(() => models.Versions is [{ State: ModelState.Ready }], "ant is ready");
    }

    [Fact]
    public async Task A_version_that_was_unloaded_by_request_stays_out_when_its_files_change()
    {
        _folder.Write("ant", 1);
        await using var models = Watch();
        await models.UnloadAsync("ant", null, Ct);

        _folder.Write("ant", 1, threshold: 0.2);
        await ModelsFolder.UntilAsync(() => models.Find("ant", 1).Passport?.ScoreThreshold == 0.2, "the change is seen");

        Assert.Equal(ModelState.Unloaded, models.Find("ant", 1).State);
        await Assert.ThrowsAsync<ModelUnavailableException>(async () => await models.AcquireAsync("ant", null, Ct));
    }

    [Fact]
    public async Task When_the_folder_itself_is_gone_the_models_in_memory_answer_on()
    {
        _folder.Write("ant", 1);
        await using var models = Watch();
        using var lease = await models.AcquireAsync("ant", null, Ct);

        Directory.Move(_folder.Path, _folder.Path + "-away");
        await ModelsFolder.UntilAsync(() => models.Faults.Count == 1, "the fault is told");
        Assert.Contains("the models folder cannot be read", models.Faults[0], StringComparison.Ordinal);
        using var another = await models.AcquireAsync("ant", null, Ct);
        Assert.Same(lease.Model, another.Model);
        Directory.Move(_folder.Path + "-away", _folder.Path);

        await ModelsFolder.UntilAsync(() => models.Faults.Count == 0, "the folder is there again");
    }

    [Fact]
    public async Task A_fault_while_a_change_is_taken_over_does_not_end_the_following()
    {
        await using var models = Watch();
        models.Changed += change =>
        {
            if (change.Version.Name == "bee")
                throw new InvalidOperationException("as a fault of ours would");
        };
        _folder.Write("bee", 1);
        await ModelsFolder.UntilAsync(() => models.Versions.Count == 1, "bee is seen");
        await Task.Delay(300, Ct);

        _folder.Write("ant", 1);

        await ModelsFolder.UntilAsync(() => models.Versions.Any(version => version is { Name: "ant", State: ModelState.Ready }), "ant is ready");
        Assert.Null(models.Unreadable);
    }

    private ModelRepository Watch(Func<ModelRepositoryOptions, ModelRepositoryOptions>? change = null)
        => _folder.Open(options => (change is null ? options : change(options)) with { Watch = true });

    private static async Task CopySlowlyAsync(string from, string to)
    {
        var bytes = await File.ReadAllBytesAsync(from, Ct);
        await using var file = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
        foreach (var piece in bytes.Chunk((bytes.Length / 6) + 1))
        {
            await file.WriteAsync(piece, Ct);
            await file.FlushAsync(Ct);
            await Task.Delay(80, Ct);
        }
    }
}
