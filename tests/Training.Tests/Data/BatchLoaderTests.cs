using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Data;

public class BatchLoaderTests
{
    private static readonly Augmentation Options = new()
    {
        Width = 64,
        Height = 32,
        VerticalFlip = 0.5,
        Scale = (0.7, 1.6),
        ColorJitter = (0.2, 0.2, 0.2, 0.05),
    };

    private static Dataset Five { get; } = TestScenes.Dataset(TestScenes.Images(5, 80, 50));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Batch_has_the_promised_shapes()
    {
        var images = TestScenes.Images(2, 64, 32).ToArray();
        using var loader = TestScenes.Loader(
            TestScenes.Dataset(images, [TestScenes.Truth(images[0], new(1, 2, 30, 20)), TestScenes.Truth(images[0], new(5, 5, 9, 9), crowd: true)]),
            Augmentation.None(64, 32));

        await foreach (var batch in loader.ReadAsync(0, Token))
        {
            using (batch)
            {
                var full = batch.ImageIds[0] == images[0].Id ? 0 : 1;
                Assert.Equal([2, 3, 32, 64], batch.Images.shape);
                Assert.Equal(float32, batch.Images.dtype);
                Assert.Equal([1, 4], batch.Targets[full].Boxes.shape);
                Assert.Equal([1, 2, 30, 20], PlainBatch.Values<float>(batch.Targets[full].Boxes));
                Assert.Equal(int64, batch.Targets[full].Labels.dtype);
                Assert.Equal([1L], PlainBatch.Values<long>(batch.Targets[full].Labels));
                Assert.Equal([5, 5, 9, 9], PlainBatch.Values<float>(batch.Targets[full].IgnoreBoxes));
                Assert.Equal([0, 4], batch.Targets[1 - full].Boxes.shape);
                Assert.Equal([0], batch.Targets[1 - full].Labels.shape);
                Assert.Equal([0, 4], batch.Targets[1 - full].IgnoreBoxes.shape);
                Assert.Equal(float32, batch.Targets[1 - full].Boxes.dtype);
                Assert.Equal(int64, batch.Targets[1 - full].Labels.dtype);
            }

            break;
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(4, 0)]
    [InlineData(4, 30_000)] // two of the five pictures fit
    [InlineData(3, 1 << 20)]
    public async Task Batches_do_not_depend_on_workers_or_cache(int workers, long cache)
    {
        using var reference = TestScenes.Loader(Five, Options, workers: 1);
        using var loader = TestScenes.Loader(Five, Options, workers: workers, cache: cache);

        var expected = await TestScenes.ReadAsync(reference, 0, 12, Token);
        var got = await TestScenes.ReadAsync(loader, 0, 12, Token);

        Assert.Equivalent(expected, got, strict: true);
        Assert.Equal(Enumerable.Range(0, 12).Select(s => (long)s), got.Select(b => b.Step));
    }

    [Fact]
    public async Task Reading_from_step_7_gives_the_batches_of_an_uninterrupted_run()
    {
        using var uninterrupted = TestScenes.Loader(Five, Options);
        using var resumed = TestScenes.Loader(Five, Options);

        var all = await TestScenes.ReadAsync(uninterrupted, 0, 10, Token);
        var tail = await TestScenes.ReadAsync(resumed, 7, 3, Token);

        Assert.Equivalent(all.Skip(7), tail, strict: true);
    }

    [Fact]
    public async Task Another_seed_gives_other_batches()
    {
        using var one = TestScenes.Loader(Five, Options, seed: 1);
        using var two = TestScenes.Loader(Five, Options, seed: 2);

        var first = await TestScenes.ReadAsync(one, 0, 4, Token);
        var second = await TestScenes.ReadAsync(two, 0, 4, Token);

        Assert.All(first.Zip(second), pair => Assert.NotEqual(pair.First.Pixels, pair.Second.Pixels));
    }

    [Fact]
    public async Task An_epoch_shows_no_image_twice_and_each_epoch_has_its_own_order()
    {
        using var loader = TestScenes.Loader(TestScenes.Dataset(TestScenes.Images(9, 40, 40)), Options, batchSize: 2);

        var batches = await TestScenes.ReadAsync(loader, 0, 40, Token);

        Assert.Equal(4, loader.StepsPerEpoch);
        var epochs = batches.Chunk(4).Select(e => string.Join(' ', e.SelectMany(b => b.ImageIds))).ToList();
        Assert.All(batches.Chunk(4), e => Assert.Equal(8, e.SelectMany(b => b.ImageIds).Distinct().Count()));
        Assert.Equal(10, epochs.Distinct().Count());
        Assert.Equal(9, batches.SelectMany(b => b.ImageIds).Distinct().Count()); // the one left out changes
    }

    [Fact]
    public async Task A_picture_is_decoded_once_when_it_fits_into_the_cache()
    {
        var reads = 0;
        using var loader = TestScenes.Loader(Five, Options, batchSize: 5, workers: 1, read: image =>
        {
            Interlocked.Increment(ref reads);
            return TestScenes.Noise(image);
        });

        await TestScenes.ReadAsync(loader, 0, 6, Token);

        Assert.Equal(5, reads);
    }

    [Fact]
    public async Task A_picture_that_cannot_be_read_stops_the_consumer_at_its_batch_with_the_cause()
    {
        using var loader = TestScenes.Loader(
            Five, Options, batchSize: 1, workers: 4,
            read: image => image.Id == 103 ? throw new InvalidInputException($"{image.FileName}: broken") : TestScenes.Noise(image));
        using var order = TestScenes.Loader(Five, Options, batchSize: 1);
        var stepOfBroken = (await TestScenes.ReadAsync(order, 0, 5, Token)).FindIndex(b => b.ImageIds[0] == 103);
        var read = 0;

        var fault = await Assert.ThrowsAsync<InvalidInputException>(async () =>
        {
            await foreach (var batch in loader.ReadAsync(0, Token))
            {
                batch.Dispose();
                read++;
            }
        });

        Assert.Equal("3.png: broken", fault.Message);
        Assert.Equal(stepOfBroken, read);
    }

    [Fact]
    public async Task Cancelling_or_disposing_ends_the_reading()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var loader = TestScenes.Loader(Five, Options);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadUntil(stop.Cancel, stop.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadUntil(loader.Dispose, Token));
        Assert.Throws<ObjectDisposedException>(() => loader.ReadAsync(0, Token));

        async Task ReadUntil(Action end, CancellationToken ct)
        {
            await foreach (var batch in loader.ReadAsync(0, ct))
            {
                batch.Dispose();
                if (batch.Step == 3) end();
                Assert.InRange(batch.Step, 0, 3);
            }
        }
    }

    [Theory]
    [InlineData(0, 1, "batch size: got 0, allowed 1 or more.")]
    [InlineData(6, 1, "batch size: got 6, allowed 1..5, the number of images in the dataset.")]
    [InlineData(2, 0, "workers: got 0, allowed 1 or more.")]
    public void Options_out_of_range_are_refused(int batchSize, int workers, string message)
    {
        var fault = Assert.Throws<InvalidInputException>(() => TestScenes.Loader(Five, Options, batchSize, workers));

        Assert.Equal(message, fault.Message);
    }

    [Fact]
    public void Canvas_that_is_no_multiple_of_32_is_refused()
        => Assert.Throws<InvalidInputException>(() => TestScenes.Loader(Five, Options with { Width = 65 }));
}
