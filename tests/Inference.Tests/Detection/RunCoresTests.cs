using Serve.Inference.Detection;

namespace Serve.Inference.Tests.Detection;

/// <summary>Alone: runs of other tests have processors too.</summary>
[CollectionDefinition(nameof(RunCoresTests), DisableParallelization = true)]
[Collection(nameof(RunCoresTests))]
public sealed class RunCoresTests
{
    [Theory]
    [InlineData("0 1", 2, "0|1", "0 1", "0 1")]
    [InlineData("0 1 2 3", 4, "0,2|1,3", "0 1", "0 1 2 3")]
    [InlineData("0 1 2 3", 4, "0,1|2,3", "0 2", "0 2 1 3")]
    [InlineData("1 2 3", 3, "0,1|2,3", "1 2", "1 2 3")]      // the process has one half of the first core
    [InlineData("0 1 2 3", 2, "0,1|2,3", "", "")]            // a limit on time: which of them are ours cannot be known
    [InlineData("", 2, "", "", "")]
    public void Cores_come_before_what_shares_one_with_them(string allowed, int count, string siblings, string cores, string usable)
    {
        var pairs = siblings.Split('|').Select(Numbers).ToList();

        var found = RunCores.Usable(Numbers(allowed), count, processor => pairs.First(pair => pair.Contains(processor)));

        Assert.Equal(Numbers(cores), found.Cores);
        Assert.Equal(Numbers(usable), found.Processors);
    }

    [Fact]
    public void Runs_at_once_are_kept_on_processors_of_their_own_and_let_go_after_it()
    {
        var all = Allowed();
        Assert.SkipWhen(all.Count < 2 || RunCores.Cores.Count == 0, "Threads are kept on processors on Linux, where there are two and no limit on their time.");
        using var entered = new CountdownEvent(all.Count);
        using var end = new ManualResetEventSlim();
        var during = new IReadOnlyList<int>[all.Count];
        var after = new IReadOnlyList<int>[all.Count];
        var threads = Enumerable.Range(0, all.Count).Select(index => new Thread(() =>
        {
            using (RunCores.EnterFree())
            {
                during[index] = Allowed();
                entered.Signal();
                end.Wait(TestContext.Current.CancellationToken);
            }

            after[index] = Allowed();
        })).ToList();
        threads.ForEach(thread => thread.Start());
        entered.Wait(TestContext.Current.CancellationToken);

        IReadOnlyList<int>? surplus = null;
        var another = new Thread(() =>
        {
            using var stay = RunCores.EnterFree();
            surplus = Allowed();
        });
        another.Start();
        another.Join();
        end.Set();
        threads.ForEach(thread => thread.Join());

        Assert.All(during, processors => Assert.Single(processors));
        Assert.Equal(all, during.SelectMany(processors => processors).Order());
        Assert.Equal(all, surplus);
        Assert.All(after, processors => Assert.Equal(all, processors));
    }

    // Of this thread, from lines as "Cpus_allowed_list:	0-1,4".
    private static List<int> Allowed()
    {
        if (!OperatingSystem.IsLinux())
            return [];
        var ranges = File.ReadLines("/proc/thread-self/status").First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split('\t')[1];
        return [.. ranges.Split(',').Select(range => range.Split('-')).SelectMany(ends => Enumerable.Range(int.Parse(ends[0]), int.Parse(ends[^1]) - int.Parse(ends[0]) + 1))];
    }

    private static int[] Numbers(string text) => [.. text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
}
