using System.Runtime.InteropServices;
using Serve.Api.Jobs;

namespace Serve.Api.Tests.Jobs;

public sealed partial class SpareCoresTests
{
    [Fact]
    public async Task Work_runs_behind_others_on_its_core_one_piece_after_another_and_leaves_a_core()
    {
        var ct = TestContext.Current.CancellationToken;
        using var cores = new SpareCores();
        var (running, most) = (0, 0);

        var seen = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => cores.ComputeAsync(
            threads =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                Thread.Sleep(5);
                Interlocked.Decrement(ref running);
                return (Threads: threads, Niceness: Niceness());
            },
            ct)));

        Assert.Equal(1, most);
        Assert.All(seen, work => Assert.Equal(Math.Max(1, Environment.ProcessorCount - 1), work.Threads));
        if (OperatingSystem.IsLinux())
            Assert.All(seen, work => Assert.Equal(19, work.Niceness));
    }

    [Fact]
    public async Task Threads_that_work_for_others_keep_their_weight()
    {
        var ct = TestContext.Current.CancellationToken;
        using var cores = new SpareCores();
        var before = Niceness();

        await cores.ComputeAsync(_ => 0, ct);

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(Niceness, ct))), niceness => Assert.True(niceness < 19 || before == 19));
    }

    [Fact]
    public async Task Work_that_is_waited_for_leaves_a_core_too()
    {
        var ct = TestContext.Current.CancellationToken;
        using var cores = new SpareCores();
        var (running, most) = (0, 0);

        await Task.WhenAll(Enumerable.Range(0, SpareCores.Threads + 3).Select(_ => cores.ShareAsync(
            async () =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                await Task.Delay(5, ct);
                return Interlocked.Decrement(ref running);
            },
            ct)));

        Assert.InRange(most, 1, SpareCores.Threads);
    }

    [Fact]
    public async Task A_failure_ends_its_turn()
    {
        var ct = TestContext.Current.CancellationToken;
        using var cores = new SpareCores();

        await Assert.ThrowsAsync<InvalidOperationException>(() => cores.ComputeAsync<int>(_ => throw new InvalidOperationException("broken"), ct));

        Assert.Equal(7, await cores.ComputeAsync(_ => 7, ct));
    }

    private static int Niceness() => OperatingSystem.IsLinux() ? GetPriority(0, 0) : 0;

    [LibraryImport("libc", EntryPoint = "getpriority")]
    private static partial int GetPriority(int which, int who);
}
