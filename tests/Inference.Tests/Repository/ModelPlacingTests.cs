using Serve.Eval;
using Serve.Inference.Detection;
using Serve.Inference.Repository;
using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Repository;

public sealed class ModelPlacingTests : IDisposable
{
    private readonly ModelsFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_version_is_opened_before_it_is_seen_and_answers_from_then_on()
    {
        await using var models = _folder.Open();
        var seen = new List<(bool Placed, int Known)>();
        await models.PutAsync(
            "ant", 1,
            (folder, _) =>
            {
                ModelsFolder.Write(folder, "ant", 1);
                seen.Add((Directory.Exists(_folder.File("ant")), models.Versions.Count));
                return Task.CompletedTask;
            },
            PutCondition.None, Ct);

        Assert.Equal([(false, 0)], seen);
        Assert.Equal(ModelState.Ready, models.Find("ant", 1).State);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_newer_version_replaces_what_answered_and_requests_in_flight_finish()
    {
        _folder.Write("ant", 1, threshold: 0.1);
        await using var models = _folder.Open();
        using var before = await models.AcquireAsync("ant", null, Ct);

        var replaced = await PutAsync(models, "ant", 1, threshold: 0.2);
        var created = await PutAsync(models, "ant", 2, threshold: 0.3);

        Assert.Equal((PutOutcome.Replaced, PutOutcome.Created), (replaced.Outcome, created.Outcome));
        using var after = await models.AcquireAsync("ant", null, Ct);
        Assert.Equal((1, 2), (before.Version, after.Version));
        Assert.NotEmpty((await before.Model.DetectAsync(TestModels.Grey(200), new DetectionOptions(), Ct)).Detections);
        await ModelsFolder.UntilAsync(() => models.Find("ant", 1).State == ModelState.Unloaded, "version 1 has left memory");
    }

    [Fact]
    public async Task The_same_files_change_nothing()
    {
        _folder.Write("ant", 1);
        await using var models = _folder.Open();
        using var lease = await models.AcquireAsync("ant", null, Ct);
        var told = 0;
        models.Changed += _ => told++;

        var put = await PutAsync(models, "ant", 1);

        Assert.Equal((PutOutcome.Unchanged, 0), (put.Outcome, told));
        using var again = await models.AcquireAsync("ant", null, Ct);
        Assert.Same(lease.Model, again.Model);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task What_cannot_be_served_is_refused_in_words_that_do_not_tell_where_it_was_tried()
    {
        _folder.Write("ant", 1);
        await using var models = _folder.Open();

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => models.PutAsync(
            "ant", 1,
            async (folder, ct) =>
            {
                ModelsFolder.Write(folder, "ant", 1);
                await File.WriteAllBytesAsync(Path.Combine(folder, "model.onnx"), new byte[100], ct);
            },
            PutCondition.None, Ct));

        Assert.StartsWith("ant/1/model.onnx: ", refused.Message, StringComparison.Ordinal);
        AssertNothingIsLeft();
        using var lease = await models.AcquireAsync("ant", null, Ct);
        Assert.Equal(1, lease.Version);
    }

    [Fact]
    public async Task A_full_disk_leaves_nothing_behind()
    {
        const int noSpace = 28;
        await using var models = _folder.Open();

        var fault = await Assert.ThrowsAsync<IOException>(() => models.PutAsync(
            "ant", 1,
            async (folder, ct) =>
            {
                await File.WriteAllBytesAsync(Path.Combine(folder, "model.onnx"), new byte[1000], ct);
                throw new IOException("No space left on device", noSpace);
            },
            PutCondition.None, Ct));

        Assert.Equal(noSpace, fault.HResult);
        Assert.Empty(models.Versions);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("../ant", 1)]
    [InlineData("", 1)]
    [InlineData(".staging", 1)]
    [InlineData("ant", 0)]
    public async Task Names_and_versions_that_lead_elsewhere_are_refused(string name, int version)
    {
        await using var models = _folder.Open();

        await Assert.ThrowsAsync<InvalidInputException>(() => models.PutAsync(name, version, (_, _) => throw new InvalidOperationException("It was begun."), PutCondition.None, Ct));
    }

    [Fact]
    public async Task A_version_that_lies_there_in_another_way_and_a_link_to_elsewhere_are_refused()
    {
        using var outside = TestFiles.NewFolder();
        ModelsFolder.Write(_folder.File("bee"), "bee", 1);
        Directory.CreateSymbolicLink(_folder.File("cow"), outside.Path);
        await using var models = _folder.Open();

        var flat = await Assert.ThrowsAsync<ModelConflictException>(() => PutAsync(models, "bee", 1));
        var link = await Assert.ThrowsAsync<ModelConflictException>(() => PutAsync(models, "cow", 1));

        Assert.Contains("move it into bee/1/", flat.Message, StringComparison.Ordinal);
        Assert.Contains("symbolic link", link.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside.Path));
        Assert.Equal(PutOutcome.Created, (await PutAsync(models, "bee", 2)).Outcome);
    }

    [Fact]
    public async Task A_version_that_does_not_fit_into_memory_is_refused_and_leaves_nothing()
    {
        await using var models = _folder.Open(options => options with { MemoryBytes = 10 });

        await Assert.ThrowsAsync<ModelUnavailableException>(() => PutAsync(models, "ant", 1));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Two_puts_at_once_both_end_well_and_the_files_on_disk_are_those_that_answer()
    {
        await using var models = _folder.Open();

        await Task.WhenAll(Enumerable.Range(1, 8).Select(i => Task.Run(() => PutAsync(models, "ant", 1, threshold: i / 10.0), Ct)));

        using var lease = await models.AcquireAsync("ant", null, Ct);
        Assert.Equal(Inference.Models.Passport.Read(_folder.File("ant/1/model.json")).ScoreThreshold, lease.Model.Passport.ScoreThreshold);
        await ModelsFolder.UntilAsync(() => models.MemoryBytes == models.Find("ant", 1).MemoryBytes, "the others have left memory");
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Deleting_takes_the_files_away_and_requests_in_flight_finish()
    {
        _folder.Write("ant", 1);
        _folder.Write("ant", 2);
        await using var models = _folder.Open();
        var lease = await models.AcquireAsync("ant", 2, Ct);

        var deleting = models.DeleteAsync("ant", 2, PutCondition.None, Ct);
        await ModelsFolder.UntilAsync(() => !Directory.Exists(_folder.File("ant/2")), "the files are gone");
        Assert.False(deleting.IsCompleted);
        Assert.Equal(1, models.Find("ant", null).Version);
        Assert.NotEmpty((await lease.Model.DetectAsync(TestModels.Grey(200), new DetectionOptions(), Ct)).Detections);
        lease.Dispose();
        await deleting;

        await models.DeleteAsync("ant", null, PutCondition.None, Ct);
        Assert.Empty(models.Versions);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        await Assert.ThrowsAsync<UnknownModelException>(() => models.DeleteAsync("ant", null, PutCondition.None, Ct));
    }

    [Fact]
    public async Task Deleting_what_somebody_has_just_taken_away_is_no_fault()
    {
        _folder.Write("ant", 1);
        ModelsFolder.Write(_folder.File("bee"), "bee", 1);
        await using var models = _folder.Open();
        Directory.Delete(_folder.File("ant"), recursive: true);
        Directory.Delete(_folder.File("bee"), recursive: true);

        await models.DeleteAsync("ant", null, PutCondition.None, Ct);
        await models.DeleteAsync("bee", 1, PutCondition.None, Ct);

        Assert.Empty(models.Versions);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_model_without_a_version_folder_is_deleted_and_the_versions_beside_it_stay()
    {
        ModelsFolder.Write(_folder.File("bee"), "bee", 1);
        _folder.Write("bee", 2);
        await using var models = _folder.Open();

        await models.DeleteAsync("bee", 1, PutCondition.None, Ct);

        Assert.Equal([2], models.Versions.Select(version => version.Version));
        Assert.Equal(["2"], Directory.EnumerateFileSystemEntries(_folder.File("bee")).Select(path => Path.GetFileName(path)));
    }

    [Fact]
    public void What_killed_processes_left_is_put_right()
    {
        _folder.Write("bee", 1, threshold: 0.2);

        // Killed between moving the old version away and moving the new one to its place.
        ModelsFolder.Write(_folder.File(".staging/one/old/ant/1"), "ant", 1);
        ModelsFolder.Write(_folder.File(".staging/one/new/ant/1"), "ant", 1, threshold: 0.9);
        File.WriteAllText(_folder.File(".staging/one/lock"), "");

        // Killed after the rename, while uploading, and while deleting.
        ModelsFolder.Write(_folder.File(".staging/two/old/bee/1"), "bee", 1, threshold: 0.9);
        File.WriteAllText(_folder.File(".staging/two/lock"), "");
        ModelsFolder.Write(_folder.File(".staging/three/gone/cow/1"), "cow", 1);
        File.WriteAllText(_folder.File(".staging/three/lock"), "");

        ModelStaging.Recover(_folder.Path);

        Assert.Equal(0.3, Inference.Models.Passport.Read(_folder.File("ant/1/model.json")).ScoreThreshold);
        Assert.Equal(0.2, Inference.Models.Passport.Read(_folder.File("bee/1/model.json")).ScoreThreshold);
        Assert.Equal(["ant", "bee"], Directory.EnumerateDirectories(_folder.Path).Select(folder => Path.GetFileName(folder)).Order());
    }

    [Fact]
    public void What_a_living_process_is_putting_together_is_left_alone()
    {
        using var staging = ModelStaging.Begin(_folder.Path, "ant", 1);

        ModelStaging.Recover(_folder.Path);

        Assert.True(Directory.Exists(staging.Folder));
    }

    private static Task<PutResult> PutAsync(ModelRepository models, string name, int version, double threshold = 0.3)
        => models.PutAsync(
            name, version,
            (folder, _) =>
            {
                ModelsFolder.Write(folder, name, version, threshold);
                return Task.CompletedTask;
            },
            PutCondition.None, Ct);

    private void AssertNothingIsLeft() => Assert.False(Directory.Exists(_folder.File(".staging")), "Something is left.");
}
