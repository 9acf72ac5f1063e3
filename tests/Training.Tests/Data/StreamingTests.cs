using Serve.Eval.Datasets;
using Serve.Training.Data;

namespace Serve.Training.Tests.Data;

public class StreamingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Annotations_take_a_few_bytes_an_object_beside_the_dataset()
    {
        ImageEntry[] images = [.. TestScenes.Images(1000, 64, 64)];
        GroundTruth[] truths = [.. Enumerable.Range(0, 200_000).Select(i => TestScenes.Truth(images[i * 7919L % 1000], new(1, 2, 3, 4)))];
        var dataset = TestScenes.Dataset(images, truths);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var objects = new DatasetObjects(dataset);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 12 * truths.Length);
        Assert.Equal(200, objects[999].Boxes.Count);
    }

    [Fact]
    public async Task Pictures_beyond_the_cache_are_read_again_in_each_epoch()
    {
        var reads = 0;
        const int PictureBytes = 40 * 40 * 3;
        using var loader = TestScenes.Loader(
            TestScenes.Dataset(TestScenes.Images(10, 40, 40)), new BatchOptions { Augmentation = Augmentation.None(64, 64), BatchSize = 10 }, workers: 1, cache: 4 * PictureBytes,
            read: image =>
            {
                Interlocked.Increment(ref reads);
                return TestScenes.Noise(image);
            });

        await TestScenes.ReadAsync(loader, 0, 5, Token);

        // One batch more may have been prepared ahead, in whole or in part.
        Assert.InRange(reads, 4 + 6 * 5, 4 + 6 * 7);
    }
}
