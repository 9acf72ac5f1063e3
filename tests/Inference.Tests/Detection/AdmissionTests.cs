using Serve.Inference.Detection;

namespace Serve.Inference.Tests.Detection;

public sealed class AdmissionTests : GatedBatcher
{
    /// <summary>Cores beside the one that a runner keeps busy.</summary>
    private static readonly int SpareCores = Environment.ProcessorCount - 1;

    [Fact]
    public async Task Its_own_admission_does_not_keep_a_lone_request_from_all_cores()
    {
        var batcher = Start(runners: 2);
        Gate.Open();

        for (var i = 0; i < 1000; i++)
        {
            using var admission = await batcher.AdmitAsync(2, null, Ct);
            Assert.True((await batcher.RunAsync(new GatedRequest { Admission = admission }, Ct)).IsAlone);
        }
    }

    [Fact]
    public async Task Few_requests_are_prepared_ahead_of_their_run_by_level_and_arrival()
    {
        var batcher = Start(most: 3);
        var most = 3 + SpareCores;
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
        var answers = new List<Task<GatedRun>>();
        for (var i = 0; i < 1 + SpareCores; i++)
            answers.Add(batcher.RunAsync(new GatedRequest { Admission = await batcher.AdmitAsync(2, null, Ct) }, Ct));
        Assert.True(await Gate.Reached(Ct));

        answers.Add(batcher.RunAsync(new GatedRequest { Admission = await batcher.AdmitAsync(2, null, Ct) }, Ct));
        var late = batcher.AdmitAsync(2, null, Ct).AsTask();
        Assert.False(late.IsCompleted);
        Gate.Open();

        await Task.WhenAll(answers);
        (await late).Dispose();
    }

    [Fact]
    public async Task A_full_queue_refuses_before_anything_is_prepared()
    {
        var batcher = Start(most: 1, queue: 2);
        for (var i = 0; i < 1 + SpareCores; i++)
            await batcher.AdmitAsync(2, null, Ct);
        var waiting = Enumerable.Range(0, 2).Select(_ => batcher.AdmitAsync(2, null, Ct).AsTask()).ToArray();

        await Assert.ThrowsAsync<QueueFullException>(() => batcher.AdmitAsync(2, null, Ct).AsTask());
        await Assert.ThrowsAsync<QueueFullException>(() => Ask(batcher));
        Assert.All(waiting, one => Assert.False(one.IsCompleted));
    }

    [Fact]
    public async Task Who_waits_unprepared_can_go_andGate_out_of_time()
    {
        var batcher = Start(most: 1);
        var admitted = new List<Admission>();
        for (var i = 0; i < 1 + SpareCores; i++)
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
        Gate.Open();

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
                await batcher.RunAsync(new GatedRequest { Admission = admission, Timeout = i % 5 == 0 ? TimeSpan.FromMilliseconds(1) : null }, goes.Token);
            }
            catch (Exception fault) when (fault is RequestTimeoutException or OperationCanceledException && !ct.IsCancellationRequested)
            {
                // It gave up, or was given up.
            }
        });

        for (var i = 0; i < 4 + Math.Max(0, Environment.ProcessorCount - 2); i++)
            Assert.True(batcher.AdmitAsync(2, null, Ct).AsTask().IsCompletedSuccessfully);
        Assert.Equal(0, batcher.Waiting);
    }
}
