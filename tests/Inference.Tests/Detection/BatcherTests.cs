using Serve.Inference.Detection;

namespace Serve.Inference.Tests.Detection;

public sealed class BatcherTests : GatedBatcher
{
    [Fact]
    public async Task A_lone_request_is_run_at_once_and_may_have_all_cores()
    {
        var batcher = Start();
        Gate.Open();

        Assert.Equal(new GatedRun(1, IsAlone: true, Order: 0), await Ask(batcher));
    }

    [Fact]
    public async Task A_request_does_not_get_all_cores_while_another_is_being_prepared()
    {
        var batcher = Start();
        Gate.Open();
        using var other = await batcher.AdmitAsync(2, null, Ct);

        Assert.False((await Ask(batcher)).IsAlone);
    }

    [Fact]
    public async Task Who_asks_again_as_soon_as_an_answer_is_there_has_all_cores_again()
    {
        var batcher = Start(runners: 2);
        Gate.Open();

        for (var i = 0; i < 1000; i++)
            Assert.True((await Ask(batcher)).IsAlone);
    }

    [Fact]
    public async Task Runs_side_by_side_do_not_get_all_cores()
    {
        var batcher = Start(runners: 2);
        var first = await AskAndAwaitRun(batcher);
        var second = await AskAndAwaitRun(batcher);
        Gate.Open();

        Assert.True((await first).IsAlone);
        Assert.False((await second).IsAlone);
    }

    [Fact]
    public async Task What_arrives_during_a_run_is_run_together()
    {
        var batcher = Start();
        var first = await AskAndAwaitRun(batcher);

        var waiting = Enumerable.Range(1, 5).Select(_ => Ask(batcher)).ToArray();
        Gate.Open();

        Assert.Equal(1, (await first).Size);
        Assert.All(await Task.WhenAll(waiting), run => Assert.Equal(5, run.Size));
    }

    [Fact]
    public async Task A_batch_holds_no_more_than_is_worth_it()
    {
        var batcher = Start(most: 3);
        var first = await AskAndAwaitRun(batcher);

        var waiting = Enumerable.Range(0, 7).Select(_ => Ask(batcher)).ToArray();
        Gate.Open();
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
        Gate.Open();
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

        Gate.Open();
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
        Gate.Open();
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
        Gate.Open();
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
        var tooMany = new GatedRequest();

        var refused = await Assert.ThrowsAsync<QueueFullException>(() => batcher.RunAsync(tooMany, Ct));

        Assert.Equal((2, 1, 2), (refused.Limit, tooMany.Frees, batcher.Waiting));
        var background = Enumerable.Range(0, 5).Select(_ => Ask(batcher, background: true)).ToArray();
        Gate.Open();
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
        var request = new GatedRequest();
        var left = batcher.RunAsync(request, leaving.Token);
        var stayed = Ask(batcher);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.Equal((1, 1), (batcher.Waiting, request.Frees));
        Gate.Open();
        await first;
        Assert.Equal(1, (await stayed).Size);
    }

    [Fact]
    public async Task A_client_that_goes_during_its_run_does_not_end_it()
    {
        var batcher = Start();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var request = new GatedRequest();
        var left = batcher.RunAsync(request, leaving.Token);
        Assert.True(await Gate.Reached(Ct));

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);

        Assert.Equal(0, request.Frees);
        Gate.Open();
        await Ask(batcher);
        Assert.Equal(1, request.Frees);
    }

    [Fact]
    public async Task A_request_that_waits_too_long_is_refused_while_the_model_is_busy()
    {
        var batcher = Start();
        var first = await AskAndAwaitRun(batcher);
        var request = new GatedRequest { Timeout = TimeSpan.FromMilliseconds(20) };

        var refused = await Assert.ThrowsAsync<RequestTimeoutException>(() => batcher.RunAsync(request, Ct));

        Assert.Equal((TimeSpan.FromMilliseconds(20), 0, 1), (refused.Timeout, batcher.Waiting, request.Frees));
        Gate.Open();
        Assert.Equal(1, (await first).Size);
    }

    [Fact]
    public async Task A_request_whose_time_is_over_is_not_run()
    {
        var time = new SteppedTime();
        var batcher = Start(time: time);
        var first = await AskAndAwaitRun(batcher);
        var late = batcher.RunAsync(new GatedRequest { Timeout = TimeSpan.FromSeconds(30) }, Ct);
        var inTime = batcher.RunAsync(new GatedRequest { Timeout = TimeSpan.FromSeconds(90) }, Ct);

        time.Step(TimeSpan.FromSeconds(60));
        Gate.Open();
        await first;

        await Assert.ThrowsAsync<RequestTimeoutException>(() => late);
        Assert.Equal(1, (await inTime).Size);
    }

    [Fact]
    public async Task Whatever_a_run_throws_its_requests_hear_of_it_and_the_runner_goes_on()
    {
        var batcher = Start();
        Gate.Open();
        var request = new GatedRequest { Throws = new NotSupportedException("odd") };

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
        var refused = new GatedRequest();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => batcher.RunAsync(refused, Ct));
        Gate.Open();
        await closing;

        Assert.Equal((1, 1, 1), ((await first).Size, (await waiting).Size, refused.Frees));
    }

    [Fact]
    public async Task Continuations_do_not_run_on_a_runners_thread()
    {
        var batcher = Start();
        Gate.Open();

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
        Gate.Open();
        var requests = Enumerable.Range(0, 2000).Select(i => new GatedRequest
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
}
