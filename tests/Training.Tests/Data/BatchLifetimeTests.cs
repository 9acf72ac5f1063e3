using Serve.Eval;
using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Data;

/// <summary>Counts the tensors of the whole process, and so runs alone.</summary>
[CollectionDefinition(nameof(BatchLifetimeTests), DisableParallelization = true)]
[Collection(nameof(BatchLifetimeTests))]
public class BatchLifetimeTests
{
    private static readonly Augmentation Options = Augmentation.None(64, 32);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_outlives_the_scopes_around_it()
    {
        using var loader = TestScenes.Loader(TestScenes.Dataset(TestScenes.Images(4, 80, 50)), Options);
        TrainingBatch? batch = null;

        using (NewDisposeScope())
        {
            await foreach (var next in loader.ReadAsync(0, Token))
            {
                batch = next;
                break;
            }
        }

        Assert.False(batch!.Images.IsInvalid);
        Assert.All(batch.Targets, t => Assert.False(t.Boxes.IsInvalid || t.Labels.IsInvalid || t.IgnoreBoxes.IsInvalid));
        batch.Dispose();
    }

    [Fact]
    public async Task Disposed_batches_and_those_prepared_ahead_leave_no_tensor()
    {
        using var loader = TestScenes.Loader(TestScenes.Dataset(TestScenes.Images(4, 80, 50)), Options);
        var before = LiveTensors();

        await foreach (var batch in loader.ReadAsync(0, Token))
        {
            batch.Dispose();
            if (batch.Step == 20) break;
        }

        Assert.Equal(before, LiveTensors());
    }

    [Fact]
    public async Task A_picture_that_cannot_be_read_leaves_no_tensor()
    {
        using var loader = TestScenes.Loader(
            TestScenes.Dataset(TestScenes.Images(4, 80, 50)), Options, batchSize: 4, read: i => i.Id == 103 ? throw new InvalidInputException("broken") : TestScenes.Noise(i));
        var before = LiveTensors();

        await Assert.ThrowsAsync<InvalidInputException>(() => TestScenes.ReadAsync(loader, 0, 1, Token));

        Assert.Equal(before, LiveTensors());
    }

    // What other tests left to the garbage collector is gone first.
    private static long LiveTensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }
}
