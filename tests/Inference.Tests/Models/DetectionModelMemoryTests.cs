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
