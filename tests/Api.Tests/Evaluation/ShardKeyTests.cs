using Serve.Api.Evaluation.Jobs;

namespace Serve.Api.Tests.Evaluation;

public class ShardKeyTests
{
    [Fact]
    public void A_key_is_another_when_anything_that_decides_the_detections_is()
    {
        string[] keys =
        [
            ShardKey.Of("m", "cpu", "{}", "d", "n", "coco-bbox", 0, 16),
            ShardKey.Of("M", "cpu", "{}", "d", "n", "coco-bbox", 0, 16),
            ShardKey.Of("m", "cuda:0", "{}", "d", "n", "coco-bbox", 0, 16),
            ShardKey.Of("m", "cpu", "{1}", "d", "n", "coco-bbox", 0, 16),
            ShardKey.Of("m", "cpu", "{}", "D", "n", "coco-bbox", 0, 16),
            ShardKey.Of("m", "cpu", "{}", "d", "N", "coco-bbox", 0, 16),
            ShardKey.Of("m", "cpu", "{}", "d", "n", "voc", 0, 16),
            ShardKey.Of("m", "cpu", "{}", "d", "n", "coco-bbox", 16, 16),
            ShardKey.Of("m", "cpu", "{}", "d", "n", "coco-bbox", 0, 15),
        ];

        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys[0], ShardKey.Of("m", "cpu", "{}", "d", "n", "coco-bbox", 0, 16));
    }
}
