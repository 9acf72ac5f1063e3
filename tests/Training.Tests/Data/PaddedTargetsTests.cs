using TorchSharp;
using static TorchSharp.torch;

namespace Serve.Training.Data;

public sealed class PaddedTargetsTests
{
    [Fact]
    public void Missing_rows_are_zero_and_not_valid()
    {
        using var scope = NewDisposeScope();

        var padded = PaddedTargets.Of([Targets([1, 2, 3, 4, 5, 6, 7, 8], [2, 1], []) with { Valid = (30, 20) }, Targets([], [], [0, 0, 9, 9])], height: 32, width: 64, CPU);

        Assert.Equal([1f, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0], padded.Boxes.data<float>().ToArray());
        Assert.Equal([2L, 1, 0, 0], padded.Labels.data<long>().ToArray());
        Assert.Equal([true, true, false, false], padded.Valid.data<bool>().ToArray());
        Assert.Equal([0f, 0, 0, 0, 0, 0, 9, 9], padded.Crowds.data<float>().ToArray());
        Assert.Equal([false, true], padded.CrowdValid.data<bool>().ToArray());
        Assert.Equal([30f, 20, 64, 32], padded.Sizes.data<float>().ToArray());
    }

    [Fact]
    public void Batch_without_objects_has_one_row_that_is_not_valid()
    {
        using var scope = NewDisposeScope();

        var padded = PaddedTargets.Of([Targets([], [], []), Targets([], [], [])], height: 32, width: 64, CPU);

        Assert.Equal([2, 1, 4], padded.Boxes.shape);
        Assert.False(padded.Valid.any().item<bool>());
        Assert.Equal([2, 1, 4], padded.Crowds.shape);
        Assert.False(padded.CrowdValid.any().item<bool>());
    }

    [Fact]
    public void Six_tensors_and_nothing_else_stay_alive()
    {
        using var scope = NewDisposeScope();
        var targets = new[] { Targets([1, 2, 3, 4], [2], []), Targets([], [], [0, 0, 9, 9]) };
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        PaddedTargets.Of(targets, height: 32, width: 64, CPU);

        Assert.Equal(before + 6, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static DetectionTargets Targets(float[] boxes, long[] labels, float[] crowds)
        => new(tensor(boxes, [labels.Length, 4]), tensor(labels, [labels.Length]), tensor(crowds, [crowds.Length / 4, 4]));
}
