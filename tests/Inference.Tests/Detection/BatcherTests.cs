using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Detection;

public sealed class BatcherTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();
    private readonly GatedTime _time = new();
    private ModelSession? _session;
    private Batcher? _batcher;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _time.Open();
        if (_batcher is not null)
            await _batcher.DisposeAsync();
        _session?.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_lone_request_is_run_at_once_and_alone()
    {
        var batcher = Start();
        _time.Open();

        var run = await Ask(batcher, 0.5f);

        Assert.Equal(1, run.BatchSize);
        Assert.Equal(0.5f, run.Candidates[0].Score, 1e-6f);
    }

    [Fact]
    public async Task What_arrives_during_a_run_is_run_together()
    {
        var batcher = Start();
        var first = await AskAndAwaitRun(batcher);

        var waiting = Enumerable.Range(1, 5).Select(i => Ask(batcher, i / 10f)).ToArray();
        _time.Open();
        var runs = await Task.WhenAll(waiting);

        Assert.Equal(1, (await first).BatchSize);
        Assert.All(runs, run => Assert.Equal(5, run.BatchSize));
    }

    [Fact]
    public async Task A_picture_has_the_same_detections_alone_and_in_every_batch()
    {
        var batcher = Start();
        var first = await AskAndAwaitRun(batcher);
        var levels = Enumerable.Range(0, 20).Select(i => i / 20f).ToArray();
        var together = levels.Select(level => Ask(batcher, level)).ToArray();
        _time.Open();
        await first;
        var batched = await Task.WhenAll(together);

        Assert.Contains(batched, run => run.BatchSize == batcher.MaxBatch);
        for (var i = 0; i < levels.Length; i++)
            Assert.Equal((await Ask(batcher, levels[i])).Candidates, batched[i].Candidates);
    }

    [Fact]
    public async Task A_batch_holds_no_more_than_the_limit()
    {
        var batcher = Start(new DetectionModelOptions { MaxBatch = 3 });
        var first = await AskAndAwaitRun(batcher);

        var waiting = Enumerable.Range(0, 7).Select(_ => Ask(batcher, 0.5f)).ToArray();
        _time.Open();
        await first;

        Assert.Equal([3, 3, 3, 3, 3, 3, 1], (await Task.WhenAll(waiting)).Select(run => run.BatchSize).OrderDescending());
    }

    [Fact]
    public async Task Background_requests_give_way_and_are_run_alone()
    {
        var batcher = Start();
        var first = await AskAndAwaitRun(batcher);

        var background = Enumerable.Range(0, 3).Select(_ => Ask(batcher, 0.5f, background: true)).ToArray();
        var interactive = Enumerable.Range(0, 2).Select(_ => Ask(batcher, 0.5f)).ToArray();
        _time.Open();
        await first;
        var late = await Task.WhenAll(background);
        var early = await Task.WhenAll(interactive);

        Assert.All(late, run => Assert.Equal(1, run.BatchSize));
        Assert.All(early, run => Assert.Equal(2, run.BatchSize));
        Assert.True(early.Max(run => run.Started) < late.Min(run => run.Started));
    }

    [Fact]
    public async Task One_request_too_many_is_refused_unless_it_is_a_background_one()
    {
        var batcher = Start(new DetectionModelOptions { QueueLimit = 2 });
        var first = await AskAndAwaitRun(batcher);
        var waiting = Enumerable.Range(0, 2).Select(_ => Ask(batcher, 0.5f)).ToArray();

        var refused = Assert.Throws<QueueFullException>(() => { _ = Ask(batcher, 0.5f); });

        Assert.Equal(2, refused.Limit);
        var background = Enumerable.Range(0, 5).Select(_ => Ask(batcher, 0.5f, background: true)).ToArray();
        _time.Open();
        await first;
        await Task.WhenAll(background);
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task A_client_that_goes_is_not_run()
    {
        var batcher = Start();
        var first = await AskAndAwaitRun(batcher);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var left = batcher.RunAsync(input => input.Fill(1), background: false, leaving.Token);
        var stayed = Ask(batcher, 0.5f);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        _time.Open();
        await first;
        Assert.Equal(1, (await stayed).BatchSize);
    }

    [Fact]
    public async Task Only_the_picture_that_breaks_a_batch_fails()
    {
        var batcher = Start(fault: TestModels.Fault.FailsWhenBright);
        var first = await AskAndAwaitRun(batcher);
        var good = Enumerable.Range(0, 3).Select(_ => Ask(batcher, 0.5f)).ToArray();
        var bad = Ask(batcher, 0.9f);

        _time.Open();

        await first;
        await Assert.ThrowsAsync<ModelOutputException>(() => bad);
        Assert.All(await Task.WhenAll(good), run => Assert.Equal(0.5f, run.Candidates[0].Score, 1e-6f));
    }

    [Fact]
    public async Task Only_the_picture_with_a_wrong_answer_fails()
    {
        var batcher = Start(fault: TestModels.Fault.NanWhenDark);
        var first = await AskAndAwaitRun(batcher);
        var good = Ask(batcher, 0.75f);
        var bad = Ask(batcher, 0.25f);

        _time.Open();

        await first;
        var wrong = await Assert.ThrowsAsync<ModelOutputException>(() => bad);
        Assert.Contains("row 0 is not a number: score NaN", wrong.Message, StringComparison.Ordinal);
        Assert.Equal((0.5f, 2), ((await good).Candidates[0].Score, (await good).BatchSize));
    }

    [Fact]
    public async Task Closing_finishes_what_waits()
    {
        var batcher = Start();
        var first = await AskAndAwaitRun(batcher);
        var waiting = Ask(batcher, 0.5f);

        var closing = batcher.DisposeAsync().AsTask();
        Assert.Throws<ObjectDisposedException>(() => { _ = Ask(batcher, 0.5f); });
        _time.Open();
        await closing;

        Assert.True(first.IsCompletedSuccessfully);
        Assert.Equal(0.5f, (await waiting).Candidates[0].Score, 1e-6f);
    }

    [Fact]
    public async Task Many_callers_each_get_their_own_answer()
    {
        var batcher = Start(new DetectionModelOptions { Runners = 2, QueueLimit = 1000 });
        _time.Open();

        var runs = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => Ask(batcher, i / 500f, background: i % 5 == 0), Ct)));

        for (var i = 0; i < runs.Length; i++)
            Assert.Equal(i / 500f, runs[i].Candidates[0].Score, 1e-5f);
    }

    private static Task<RunResult> Ask(Batcher batcher, float brightness, bool background = false)
        => batcher.RunAsync(input => input.Fill(brightness * 255), background, Ct);

    /// <summary>Asks, and returns when the runner stands at the gate with the request in its hands.</summary>
    private async Task<Task<RunResult>> AskAndAwaitRun(Batcher batcher)
    {
        var run = Ask(batcher, 0.6f);
        await _time.Reached.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        return run;
    }

    private Batcher Start(DetectionModelOptions? options = null, TestModels.Fault fault = TestModels.Fault.None)
    {
        options = (options ?? new DetectionModelOptions()) with { Time = _time, Device = "cpu" };
        _session = ModelSession.Open(Path.Combine(TestModels.Write(_folder.Path, fault: fault), "model.onnx"), TestModels.Passport, options);
        return _batcher = new Batcher(_session, options);
    }

    /// <summary>A clock at which runners stop until the gate is open: they read it when they begin a run.</summary>
    private sealed class GatedTime : TimeProvider
    {
        private readonly TaskCompletionSource _gate = new();
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public void Open() => _gate.TrySetResult();

        public override long GetTimestamp()
        {
            _reached.TrySetResult();
            _gate.Task.Wait(TimeSpan.FromSeconds(20));
            return base.GetTimestamp();
        }
    }
}
