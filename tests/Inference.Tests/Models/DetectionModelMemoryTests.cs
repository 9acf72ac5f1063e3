using Serve.Inference.Detection;
using Serve.Inference.Models;

namespace Serve.Inference.Tests.Models;

/// <summary>Tests that read the memory of the whole process, so nothing may run beside them.</summary>
[CollectionDefinition(nameof(DetectionModelMemoryTests), DisableParallelization = true)]
[Collection(nameof(DetectionModelMemoryTests))]
public sealed class DetectionModelMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Loading_and_closing_again_and_again_keeps_no_memory()
    {
        var passport = TestModels.Passport with { Input = TestModels.Passport.Input with { Width = 512, Height = 512 } };
        TestModels.Write(_folder.Path, passport);
        await LoadDetectClose(20);

        // What is lost is lost in every round; what the allocators keep for a while is not.
        var growths = new List<long>();
        for (var round = 0; round < 3; round++)
        {
            var before = Environment.WorkingSet;
            await LoadDetectClose(30);
            growths.Add(Environment.WorkingSet - before);
        }

        Assert.InRange(growths.Min(), long.MinValue, 20L << 20);
    }

    [Fact]
    public async Task A_large_model_leaves_no_memory_behind()
    {
        const int rounds = 20;
        const int weights = 25 << 20;
        TestModels.Write(_folder.Path, batch: 1, ballast: weights / sizeof(float));
        await LoadDetectClose(3);

        // What is lost adds up over the rounds; what the allocators keep for a while does not.
        var before = Environment.WorkingSet;
        var loaded = new List<long>();
        for (var round = 0; round < rounds; round++)
        {
            var closed = Environment.WorkingSet;
            var model = DetectionModel.Load(_folder.Path, "cpu");
            loaded.Add(Environment.WorkingSet - closed);
            Assert.InRange(model.MemoryBytes, weights, long.MaxValue);
            await model.DisposeAsync();
        }

        // Without this, a reading that never moves would pass for a model that leaves nothing.
        Assert.InRange(loaded.Max(), weights * 9 / 10, long.MaxValue);
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, rounds * (weights / 5L));
    }

    [Fact]
    public async Task Weights_are_mapped_once_for_all_sessions_and_given_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.ProcessorCount > 1, "Maps of memory are read from /proc, and one core has one session.");
        const int weights = 8 << 20;
        TestModels.Write(_folder.Path, batch: 1, ballast: weights / sizeof(float));
        var before = MappedWeights();

        await using (var model = DetectionModel.Load(_folder.Path, "cpu"))
        {
            await Ask(model, 50);
            Assert.InRange(MappedWeights() - before, weights, weights * 3 / 2);
        }

        Assert.Equal(before, MappedWeights());
    }

    [Fact]
    public async Task Ten_thousand_requests_leave_no_memory_behind()
    {
        TestModels.Write(_folder.Path);
        await using var model = DetectionModel.Load(_folder.Path, "cpu");
        await Ask(model, 5000);

        var growths = new List<long>();
        for (var round = 0; round < 3; round++)
        {
            GC.Collect();
            var before = Environment.WorkingSet;
            await Ask(model, 10_000);
            GC.Collect();
            growths.Add(Environment.WorkingSet - before);
        }

        Assert.InRange(growths.Min(), long.MinValue, 5L << 20);
    }

    [Fact]
    public async Task A_request_allocates_little()
    {
        TestModels.Write(_folder.Path);
        await using var model = DetectionModel.Load(_folder.Path, "cpu");
        await Ask(model, 500);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        await Ask(model, 1000);

        Assert.InRange((GC.GetTotalAllocatedBytes(precise: true) - before) / 1000, 0, 4096);
    }

    private static async Task Ask(DetectionModel model, int times)
    {
        var picture = TestModels.Grey(99);
        var options = new DetectionOptions(ScoreThreshold: 0);
        await Parallel.ForAsync(0, times, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct }, async (_, ct) => await model.DetectAsync(picture, options, ct));
    }

    // Lines of the map: from-to permissions offset device inode path.
    private static long MappedWeights()
        => File.ReadLines("/proc/self/maps").Where(line => line.Contains("/weights.bin", StringComparison.Ordinal)).Select(line => line.Split(' ')[0].Split('-'))
            .Sum(range => Convert.ToInt64(range[1], 16) - Convert.ToInt64(range[0], 16));

    private async Task LoadDetectClose(int times)
    {
        for (var i = 0; i < times; i++)
        {
            await using var model = DetectionModel.Load(_folder.Path, "cpu");
            await model.DetectAsync(TestModels.Grey(99), new DetectionOptions(ScoreThreshold: 0), Ct);
        }

        GC.Collect();
    }
}
