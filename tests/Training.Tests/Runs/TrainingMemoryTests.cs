using static Serve.Training.Runs.TinyTraining;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

/// <summary>Tests that count all tensors of the process, so nothing may run beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class TrainingMemoryTests
{
    [Fact]
    public async Task Steps_leave_no_tensors_behind()
    {
        using var folder = TestFiles.NewFolder();
        var counts = new List<long>();
        // What other tests left to the garbage collector would else be freed in the middle.
        GC.Collect();
        GC.WaitForPendingFinalizers();

        await Run(Request(folder, images: 8) with { Recipe = Tiny with { Epochs = 6, EvaluateEveryEpochs = 6 } }, onProgress: _ => counts.Add(Tensor.TotalCount));

        // Batches that are prepared ahead come and go; 20 steps that each lost one tensor would show.
        Assert.InRange(counts[23] - counts[3], -12, 12);
    }
}
