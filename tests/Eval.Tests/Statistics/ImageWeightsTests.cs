using Serve.Eval.Statistics;

namespace Serve.Eval.Tests.Statistics;

public class ImageWeightsTests
{
    [Theory]
    [InlineData(10, 3)]
    [InlineData(9, 3)]
    [InlineData(5, 5)]
    [InlineData(300, 256)]
    public void Groups_leave_out_each_image_once_and_every_other_one_stays(int images, int groups)
    {
        var deletions = new GroupDeletions(images, groups);
        var weightings = Enumerable.Range(0, deletions.Count).Select(index => WeightsOf(deletions, index)).ToArray();

        Assert.Equal((groups + 1, images), (weightings.Length, deletions.Rows));
        Assert.All(weightings[0], weight => Assert.Equal(1, weight));
        Assert.All(Enumerable.Range(0, images), image => Assert.Equal([1 + (image % groups)], weightings.Index().Where(weighting => weighting.Item[image] == 0).Select(weighting => weighting.Index)));
        Assert.All(weightings[1..], weights => Assert.InRange(weights.Count(weight => weight == 0), images / groups, (images + groups - 1) / groups));
        Assert.All(weightings, weights => Assert.All(weights, weight => Assert.InRange(weight, 0, 1)));
    }

    private static byte[] WeightsOf(ImageWeights weights, int index)
    {
        // What was there before does not matter.
        var filled = Enumerable.Repeat((byte)7, weights.Rows).ToArray();
        weights.Fill(index, filled);
        return filled;
    }
}
