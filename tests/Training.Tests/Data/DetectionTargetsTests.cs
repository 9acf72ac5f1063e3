using TorchSharp;
using static TorchSharp.torch;

namespace Serve.Training.Data;

public sealed class DetectionTargetsTests
{
    [Fact]
    public void Masks_go_with_their_boxes_to_a_device_out_of_scopes_and_away()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        DetectionTargets targets;
        using (NewDisposeScope())
        {
            var made = new DetectionTargets(tensor(new float[] { 0, 0, 2, 2 }).view(1, 4), tensor(new long[] { 0 }), zeros(0, 4))
            {
                Masks = new(tensor(new byte[] { 1, 0, 1, 1 }), tensor(new long[] { 0, 0, 2, 2 }).view(1, 4), tensor(new long[] { 0 })),
                Valid = (20, 10),
            };
            targets = made.To(CPU).DetachFromDisposeScope();
        }

        Assert.Equal([1, 0, 1, 1], targets.Masks!.Pixels.data<byte>().ToArray());
        Assert.Equal((20, 10), targets.Valid);
        targets.Dispose();
        Assert.All(
            new[] { targets.Boxes, targets.Labels, targets.IgnoreBoxes, targets.Masks.Pixels, targets.Masks.Windows, targets.Masks.Starts },
            tensor => Assert.True(tensor.IsInvalid));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
