using System.Runtime;
using System.Runtime.CompilerServices;
using Serve.Training.Runs;
using static Serve.Training.Runs.TinyTraining;
using static TorchSharp.torch;

namespace Serve.Training.Tracing;

[Collection(nameof(Alone))]
public sealed class CollectorPauseTests
{
    [Fact]
    public void Nothing_is_collected_while_operators_run()
    {
        using var pause = CollectorPause.Begin();
        var before = GC.CollectionCount(0);

        MakeGarbage(megabytes: 50);

        Assert.Equal(before, GC.CollectionCount(0));
    }

    [Fact]
    public void Between_steps_garbage_is_collected_and_finalised_once_there_is_much()
    {
        using var pause = CollectorPause.Begin();
        var finalised = new StrongBox<int>();
        MakeFinalisable(finalised);
        var before = GC.CollectionCount(0);

        MakeGarbage(megabytes: 8);
        pause.Between();
        Assert.Equal(before, GC.CollectionCount(0));
        Assert.Equal(0, finalised.Value);

        MakeGarbage(megabytes: 80);
        pause.Between();
        Assert.NotEqual(before, GC.CollectionCount(0));
        Assert.Equal(1, finalised.Value);
        Assert.Equal(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
    }

    [Fact]
    public void Pause_that_too_much_garbage_has_broken_begins_anew()
    {
        using var pause = CollectorPause.Begin();

        MakeGarbage(megabytes: 600);
        Assert.NotEqual(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
        pause.Between();

        Assert.Equal(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
    }

    [Fact]
    public void Pause_within_another_ends_with_it()
    {
        using (CollectorPause.Begin())
        {
            using (CollectorPause.Begin())
                Assert.Equal(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
            Assert.Equal(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
        }

        Assert.NotEqual(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
    }

    [Fact]
    public async Task Nothing_is_collected_while_operators_of_another_flow_may_run()
    {
        using var pause = CollectorPause.Begin();
        Task<CollectorPause> other;
        using (ExecutionContext.SuppressFlow())
            other = Task.Run(CollectorPause.Begin);
        using (await other)
        {
            var before = GC.CollectionCount(0);
            MakeGarbage(megabytes: 80);
            pause.Between();
            Assert.Equal(before, GC.CollectionCount(0));
        }
    }

    [Fact]
    public void Operators_beside_a_thread_that_makes_garbage_read_their_scalars()
    {
        using var pause = CollectorPause.Begin();
        using var scope = NewDisposeScope();
        var (one, two) = (ones(4), ones(4));
        var (round, ended) = (0, false);
        var collections = GC.CollectionCount(0);
        var garbage = new Thread(() =>
        {
            for (var made = -1; !Volatile.Read(ref ended); Thread.Yield())
            {
                if (made == Volatile.Read(ref round))
                    continue;
                made = round;
                MakeGarbage(megabytes: 4);
            }
        });
        garbage.Start();

        try
        {
            for (; round < 1000; Volatile.Write(ref round, round + 1))
            {
                // Without a pause some of these throw that the scalar, 1, is none.
                for (var i = 0; i < 500; i++)
                    (one + two).Dispose();
                pause.Between();
            }
        }
        finally
        {
            Volatile.Write(ref ended, true);
            garbage.Join();
        }

        Assert.NotEqual(collections, GC.CollectionCount(0));
    }

    [Fact]
    public async Task Training_and_its_validation_run_in_a_pause()
    {
        using var folder = TestFiles.NewFolder();
        var modes = new List<GCLatencyMode>();

        await Run(Request(folder, images: 8) with { Recipe = Tiny with { Epochs = 2, EvaluateEveryEpochs = 1 } }, onProgress: _ => modes.Add(GCSettings.LatencyMode));

        Assert.NotEmpty(modes);
        Assert.All(modes, mode => Assert.Equal(GCLatencyMode.NoGCRegion, mode));
        Assert.NotEqual(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
    }

    private static void MakeGarbage(int megabytes)
    {
        for (var i = 0; i < megabytes * 1024; i++)
            GC.KeepAlive(new byte[1000]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MakeFinalisable(StrongBox<int> finalised) => GC.KeepAlive(new Finalisable(finalised));

    private sealed class Finalisable(StrongBox<int> finalised)
    {
        ~Finalisable() => Interlocked.Increment(ref finalised.Value);
    }
}
