using Serve.Inference.Detection;

namespace Serve.Inference.Tests.Detection;

public sealed class BatcherTests : IAsyncDisposable
{
    private readonly GatedRuns _runs = new();
    private Batcher? _batcher;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _runs.Open();
        if (_batcher is not null)
            await _batcher.DisposeAsync();
        _runs.Dispose();
    }

    [Fact]
    public async Task A_lone_request_is_run_at_once_and_may_have_all_cores()
    {
        var batcher = Start();
        _runs.Open();

        Assert.Equal(new Run(1, IsAlone: true, Order: 0), await Ask(batcher));
    }

    [Fact]
    public async Task A_request_does_not_get_all_cores_while_another_is_being_prepared()
    {
        var batcher = Start();
        _runs.Open();
        using var other = await batcher.AdmitAsync(2, null, Ct);

        Assert.False((await Ask(batcher)).IsAlone);
    }

    [Fact]
    public async Task Its_own_admission_does_not_keep_a_lone_request_from_all_cores()
    {
        var batcher = Start(runners: 2);
        _runs.Open();

        for (var i = 0; i < 1000; i++)
        {
            using var admission = await batcher.AdmitAsync(2, null, Ct);
            Assert.True((await batcher.RunAsync(new Request { Admission = admission }, Ct)).IsAlone);
        }
    }

    [Fact]
    public async Task Who_asks_again_as_soon_as_an_answer_is_there_has_all_cores_again()
    {
        var batcher = Start(runners: 2);
        _runs.Open();

        for (var i = 0; i < 1000; i++)
            Assert.True((await Ask(batcher)).IsAlone);
    }

    [Fact]
    public async Task Runs_side_by_side_do_not_get_all_cores()
    {
        var batcher = Start(runners: 2);
        var first = await AskAndAwaitRun(batcher);
        var second = await AskAndAwaitRun(batcher);
        _runs.Open();

        Assert.True((await first).IsAlone);
        Assert.False((await second).IsAlone);
    }

    [Fact]
    public async Task What_arrives_during_a_run_is_run_together()
    {
        var batcher = Start();
        var first = await AskAndAwaitRun(batcher);

        var waiting = Enumerable.Range(1, 5).Select(_ => Ask(batcher)).ToArray();
        _runs.Open();

        Assert.Equal(1, (await first).Size);
        Assert.All(await Task.WhenAll(waiting), run => Assert.Equal(5, run.Size));
    }

    [Fact]
    public async Task A_batch_holds_no_more_than_is_worth_it()
    {
        var batcher = Start(most: 3);
        var first = await AskAndAwaitRun(batcher);

        var waiting = Enumerable.Range(0, 7).Select(_ => Ask(batcher)).ToArray();
        _runs.Open();
        await first;

        Assert.Equal([3, 3, 3, 3, 3, 3, 1], (await Task.WhenAll(waiting)).Select(run => run.Size).OrderDescending());
    }

    [Fact]
    public async Task Requests_that_do_not_fit_together_are_run_apart()
    {
        var batcher = Start();
        var first = await AskAndAwaitRun(batcher);

        var small = Enumerable.Range(0, 2).Select(_ => Ask(batcher, group: 1)).ToArray();
        var large = Enumerable.Range(0, 3).Select(_ => Ask(batcher, group: 2)).ToArray();
        _runs.Open();
        await first;

        Assert.All(await Task.WhenAll(small), run => Assert.Equal(2, run.Size));
        Assert.All(await Task.WhenAll(large), run => Assert.Equal(3, run.Size));
    }

    [Fact]
    public async Task A_higher_level_overtakes_and_equal_levels_keep_their_order()
    {
        var batcher = Start(most: 1);
        var first = await AskAndAwaitRun(batcher);
        var waiting = new[] { 2, 2, 3, 1, 1, 2 }.Select(level => Ask(batcher, level)).ToArray();

        _runs.Open();
        await first;

        Assert.Equal([3, 4, 6, 1, 2, 5], (await Task.WhenAll(waiting)).Select(run => run.Order));
    }

    [Fact]
    public async Task Background_requests_give_way_and_are_run_alone()
    {
        var batcher = Start();
        var first = await AskAndAwaitRun(batcher);

        var background = Enumerable.Range(0, 3).Select(_ => Ask(batcher, background: true)).ToArray();
        var interactive = Enumerable.Range(0, 2).Select(_ => Ask(batcher)).ToArray();
        _runs.Open();
        await first;
        var late = await Task.WhenAll(background);
        var early = await Task.WhenAll(interactive);

        Assert.All(late, run => Assert.Equal((1, false), (run.Size, run.IsAlone)));
        Assert.All(early, run => Assert.Equal(2, run.Size));
        Assert.True(early.Max(run => run.Order) < late.Min(run => run.Order));
    }

    [Fact]
    public async Task A_background_request_that_has_waited_long_goes_first_once()
    {
        var time = new SteppedTime();
        var batcher = Start(most: 1, time: time);
        var first = await AskAndAwaitRun(batcher);
        var background = Enumerable.Range(0, 2).Select(_ => Ask(batcher, background: true)).ToArray();
        var interactive = Enumerable.Range(0, 2).Select(_ => Ask(batcher)).ToArray();

        time.Step(TimeSpan.FromSeconds(1));
        _runs.Open();
        await first;

        Assert.Equal([1, 4], (await Task.WhenAll(background)).Select(run => run.Order));
        Assert.Equal([2, 3], (await Task.WhenAll(interactive)).Select(run => run.Order));
    }

    [Fact]
    public async Task One_request_too_many_is_refused_unless_it_is_a_background_one()
    {
        var batcher = Start(queue: 2);
        var first = await AskAndAwaitRun(batcher);
        var waiting = Enumerable.Range(0, 2).Select(_ => Ask(batcher)).ToArray();
        var tooMany = new Request();

        var refused = await Assert.ThrowsAsync<QueueFullException>(() => batcher.RunAsync(tooMany, Ct));

        Assert.Equal((2, 1, 2), (refused.Limit, tooMany.Frees, batcher.Waiting));
        var background = Enumerable.Range(0, 5).Select(_ => Ask(batcher, background: true)).ToArray();
        _runs.Open();
        await first;
        await Task.WhenAll(background);
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task A_client_that_goes_leaves_the_queue_at_once()
    {
        var batcher = Start();
        var first = await AskAndAwaitRun(batcher);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var request = new Request();
        var left = batcher.RunAsync(request, leaving.Token);
        var stayed = Ask(batcher);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.Equal((1, 1), (batcher.Waiting, request.Frees));
        _runs.Open();
        await first;
        Assert.Equal(1, (await stayed).Size);
    }

    [Fact]
    public async Task A_client_that_goes_during_its_run_does_not_end_it()
    {
        var batcher = Start();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var request = new Request();
        var left = batcher.RunAsync(request, leaving.Token);
        Assert.True(await _runs.Reached(Ct));

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);

        Assert.Equal(0, request.Frees);
        _runs.Open();
        await Ask(batcher);
        Assert.Equal(1, request.Frees);
    }

    [Fact]
    public async Task A_request_that_waits_too_long_is_refused_while_the_model_is_busy()
    {
        var batcher = Start();
        var first = await AskAndAwaitRun(batcher);
        var request = new Request { Timeout = TimeSpan.FromMilliseconds(20) };

        var refused = await Assert.ThrowsAsync<RequestTimeoutException>(() => batcher.RunAsync(request, Ct));

        Assert.Equal((TimeSpan.FromMilliseconds(20), 0, 1), (refused.Timeout, batcher.Waiting, request.Frees));
        _runs.Open();
        Assert.Equal(1, (await first).Size);
    }

    [Fact]
    public async Task A_request_whose_time_is_over_is_not_run()
    {
        var time = new SteppedTime();
        var batcher = Start(time: time);
        var first = await AskAndAwaitRun(batcher);
        var late = batcher.RunAsync(new Request { Timeout = TimeSpan.FromSeconds(30) }, Ct);
        var inTime = batcher.RunAsync(new Request { Timeout = TimeSpan.FromSeconds(90) }, Ct);

        time.Step(TimeSpan.FromSeconds(60));
        _runs.Open();
        await first;

        await Assert.ThrowsAsync<RequestTimeoutException>(() => late);
        Assert.Equal(1, (await inTime).Size);
    }

    [Fact]
    public async Task Whatever_a_run_throws_its_requests_hear_of_it_and_the_runner_goes_on()
    {
        var batcher = Start();
        _runs.Open();
        var request = new Request { Throws = new NotSupportedException("odd") };

        Assert.Equal("odd", (await Assert.ThrowsAsync<NotSupportedException>(() => batcher.RunAsync(request, Ct))).Message);
        Assert.Equal(1, (await Ask(batcher)).Size);
    }

    [Fact]
    public async Task Closing_finishes_what_waits()
    {
        var batcher = Start();
        var first = await AskAndAwaitRun(batcher);
        var waiting = Ask(batcher);

        var closing = batcher.DisposeAsync().AsTask();
        var refused = new Request();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => batcher.RunAsync(refused, Ct));
        _runs.Open();
        await closing;

        Assert.Equal((1, 1, 1), ((await first).Size, (await waiting).Size, refused.Frees));
    }

    [Fact]
    public async Task Continuations_do_not_run_on_a_runners_thread()
    {
        var batcher = Start();
        _runs.Open();

        await Task.Run(async () =>
        {
            await Ask(batcher);
            Assert.True(Thread.CurrentThread.IsThreadPoolThread);
        }, Ct);
    }

    [Fact]
    public async Task Everyone_is_answered_once_or_refused_whatever_comes_together()
    {
        var batcher = Start(runners: 2, queue: 40, most: 4);
        _runs.Open();
        var requests = Enumerable.Range(0, 2000).Select(i => new Request
        {
            Level = 1 + i % 3,
            Background = i % 5 == 0,
            Group = i % 2,
            Timeout = i % 7 == 0 ? TimeSpan.FromMilliseconds(1) : null,
        }).ToArray();

        var outcomes = new int[requests.Length];
        await Parallel.ForAsync(0, requests.Length, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Ct }, async (i, ct) =>
        {
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(ct);
            if (i % 11 == 0)
                leaving.CancelAfter(TimeSpan.FromMilliseconds(i % 3));
            try
            {
                await batcher.RunAsync(requests[i], leaving.Token);
                outcomes[i] = 1;
            }
            catch (Exception e) when (e is QueueFullException or RequestTimeoutException or OperationCanceledException)
            {
                outcomes[i] = 2;
            }
        });
        await batcher.DisposeAsync();

        Assert.DoesNotContain(0, outcomes);
        Assert.All(requests, request => Assert.Equal(1, request.Frees));
        Assert.Equal(0, batcher.Waiting);
    }

    [Fact]
    public async Task Few_requests_are_prepared_ahead_of_their_run_by_level_and_arrival()
    {
        var batcher = Start(most: 3);
        var most = 3 + Environment.ProcessorCount;
        var admitted = new List<Admission>();
        for (var i = 0; i < most; i++)
            admitted.Add(await batcher.AdmitAsync(2, null, Ct));

        var waiting = new[] { 2, 3, 1, 2 }.Select(level => batcher.AdmitAsync(level, null, Ct).AsTask()).ToArray();

        Assert.Equal(4, batcher.Waiting);
        foreach (var next in new[] { 2, 0, 3, 1 })
        {
            Assert.False(waiting[next].IsCompleted);
            admitted[next].Dispose();
            await waiting[next].WaitAsync(TimeSpan.FromSeconds(10), Ct);
        }

        Assert.Equal(0, batcher.Waiting);
    }

    [Fact]
    public async Task A_request_that_is_taken_by_a_runner_lets_the_next_be_prepared()
    {
        var batcher = Start(most: 1);
        var answers = new List<Task<Run>>();
        for (var i = 0; i < 1 + Environment.ProcessorCount; i++)
            answers.Add(batcher.RunAsync(new Request { Admission = await batcher.AdmitAsync(2, null, Ct) }, Ct));
        Assert.True(await _runs.Reached(Ct));

        answers.Add(batcher.RunAsync(new Request { Admission = await batcher.AdmitAsync(2, null, Ct) }, Ct));
        var late = batcher.AdmitAsync(2, null, Ct).AsTask();
        Assert.False(late.IsCompleted);
        _runs.Open();

        await Task.WhenAll(answers);
        (await late).Dispose();
    }

    [Fact]
    public async Task A_full_queue_refuses_before_anything_is_prepared()
    {
        var batcher = Start(most: 1, queue: 2);
        for (var i = 0; i < 1 + Environment.ProcessorCount; i++)
            await batcher.AdmitAsync(2, null, Ct);
        var waiting = Enumerable.Range(0, 2).Select(_ => batcher.AdmitAsync(2, null, Ct).AsTask()).ToArray();

        await Assert.ThrowsAsync<QueueFullException>(() => batcher.AdmitAsync(2, null, Ct).AsTask());
        await Assert.ThrowsAsync<QueueFullException>(() => Ask(batcher));
        Assert.All(waiting, one => Assert.False(one.IsCompleted));
    }

    [Fact]
    public async Task Who_waits_unprepared_can_go_and_runs_out_of_time()
    {
        var batcher = Start(most: 1);
        var admitted = new List<Admission>();
        for (var i = 0; i < 1 + Environment.ProcessorCount; i++)
            admitted.Add(await batcher.AdmitAsync(2, null, Ct));
        using var goes = new CancellationTokenSource();
        var gone = batcher.AdmitAsync(2, null, goes.Token).AsTask();
        var late = batcher.AdmitAsync(2, TimeSpan.FromMilliseconds(20), Ct).AsTask();
        var stays = batcher.AdmitAsync(3, null, Ct).AsTask();

        await goes.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await Assert.ThrowsAsync<RequestTimeoutException>(() => late);

        Assert.Equal(1, batcher.Waiting);
        admitted[0].Dispose();
        await stays.WaitAsync(TimeSpan.FromSeconds(10), Ct);
    }

    [Fact]
    public async Task However_requests_end_their_places_are_free_again()
    {
        var batcher = Start(most: 2, runners: 2, queue: 1000);
        _runs.Open();

        await Parallel.ForAsync(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Ct }, async (i, ct) =>
        {
            using var goes = CancellationTokenSource.CreateLinkedTokenSource(ct);
            try
            {
                var asked = batcher.AdmitAsync(1 + (i % 3), i % 5 == 0 ? TimeSpan.FromMilliseconds(1) : null, goes.Token).AsTask();
                if (i % 7 == 0)
                    await goes.CancelAsync();
                using var admission = await asked;
                if (i % 11 == 0)
                    return;
                await batcher.RunAsync(new Request { Admission = admission, Timeout = i % 5 == 0 ? TimeSpan.FromMilliseconds(1) : null }, goes.Token);
            }
            catch (Exception fault) when (fault is RequestTimeoutException or OperationCanceledException && !ct.IsCancellationRequested)
            {
                // It gave up, or was given up.
            }
        });

        for (var i = 0; i < 4 + Environment.ProcessorCount; i++)
            Assert.True(batcher.AdmitAsync(2, null, Ct).AsTask().IsCompletedSuccessfully);
        Assert.Equal(0, batcher.Waiting);
    }

    private static Task<Run> Ask(Batcher batcher, int level = 2, bool background = false, int group = 0)
        => batcher.RunAsync(new Request { Level = level, Background = background, Group = group }, Ct);

    /// <summary>Asks, and returns when a runner stands at the gate with the request in its hands.</summary>
    private async Task<Task<Run>> AskAndAwaitRun(Batcher batcher)
    {
        var run = Ask(batcher);
        Assert.True(await _runs.Reached(Ct));
        return run;
    }

    private Batcher Start(int most = 8, int queue = 256, int runners = 1, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var times = new BatchTimes(most, double.NegativeInfinity, TimeSpan.Zero);
        return _batcher = new Batcher(new RequestLimits(queue, runners, TimeSpan.FromSeconds(1)), times, _runs.Run, "test runner", time, new RunCount());
    }

    private sealed record Run(int Size, bool IsAlone, int Order);

    private sealed class Request : InferenceRequest<Run>
    {
        private int _frees;

        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public Request() => Level = 2;

        public int Group { get; init; }

        public Exception? Throws { get; init; }

        public int Frees => _frees;

        public override int Size => 1;

        public override bool RunsWith(InferenceRequest other) => ((Request)other).Group == Group;

        public override void Free() => Interlocked.Increment(ref _frees);
    }

    /// <summary>Runs that stop at a gate until it is open.</summary>
    private sealed class GatedRuns : IDisposable
    {
        private readonly ManualResetEventSlim _gate = new();
        private readonly SemaphoreSlim _reached = new(0);
        private int _order = -1;

        public Task<bool> Reached(CancellationToken ct) => _reached.WaitAsync(TimeSpan.FromSeconds(10), ct);

        public void Open() => _gate.Set();

        public void Run(IReadOnlyList<InferenceRequest> batch, RunTurn turn)
        {
            _reached.Release();
            _gate.Wait(TimeSpan.FromSeconds(20));
            var order = Interlocked.Increment(ref _order);
            turn.End();
            foreach (var request in batch.Cast<Request>())
            {
                if (request.Throws is { } exception)
                    throw exception;
                request.TryComplete(new Run(batch.Count, turn.IsAlone, order));
            }
        }

        public void Dispose()
        {
            _gate.Dispose();
            _reached.Dispose();
        }
    }

    /// <summary>A clock that stands still until it is moved on.</summary>
    private sealed class SteppedTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _now);

        public void Step(TimeSpan time) => Interlocked.Add(ref _now, time.Ticks);
    }
}
