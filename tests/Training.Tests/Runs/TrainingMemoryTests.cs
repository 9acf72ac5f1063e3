using Serve.Training.Recipes;
using TorchSharp;
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

    /// <summary>One recipe for each way in which detectors are put together.</summary>
    public static TheoryData<string> Kinds =>
    [
        .. RecipeCatalogue.All.DistinctBy(recipe => (recipe.Detector.GetType(), recipe.Detector.LearnsMasks, recipe.Detector.Backbone.Kind, recipe.Detector.Neck.Kind)).Select(recipe => recipe.Name),
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Small_detector_of_each_kind_leaves_no_tensors_behind_in_its_steps(string name) => AssertFlat(name, steps: 30);

    [Theory(Explicit = true)]
    [MemberData(nameof(Kinds))]
    public void Small_detector_of_each_kind_leaves_no_tensors_behind_in_two_thousand_steps(string name) => AssertFlat(name, steps: 2000);

    private static void AssertFlat(string name, int steps)
    {
        const int WarmUp = 10;
        using var step = new SmallStep(name);
        // What other tests left to the garbage collector would else be freed in the middle.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var counts = new List<(long Live, long All)>();
        for (var done = 0; done < WarmUp + steps; done++)
        {
            step.Run();
            counts.Add((DisposeScopeManager.Statistics.ThreadTotalLiveCount, Tensor.TotalCount));
        }

        Assert.Equal(counts[WarmUp].Live, counts[^1].Live);
        Assert.InRange(counts[^1].All - counts[WarmUp].All, -8, 8);
    }
}
