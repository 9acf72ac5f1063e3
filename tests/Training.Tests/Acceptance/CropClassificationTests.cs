using Serve.Training.Models;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Acceptance;

/// <summary>What papers say of layers alone, on classes of blood cells: chance is a third.</summary>
public sealed class CropClassificationTests
{
    private const int Seeds = 3;

    /// <summary>Wu and He, "Group Normalization", section 4: batch statistics of few images are noisy, those of groups are not of the batch.</summary>
    [Fact(Explicit = true)]
    public async Task Batch_norm_suffers_more_from_batches_of_two_than_group_norm()
    {
        using var scope = NewDisposeScope();
        var (train, test) = await ReadAsync(each: 100);

        var batch = Enumerable.Range(1, Seeds).Select(seed => Both(Norm.Batch, seed)).ToList();
        var group = Enumerable.Range(1, Seeds).Select(seed => Both(new Norm(NormKind.Group) { ChannelsPerGroup = 8 }, seed)).ToList();

        Tell("BatchNorm", batch);
        Tell("GroupNorm", group);
        Assert.True(batch.Average(one => one.Many - one.Few) > group.Average(one => one.Many - one.Few));

        (double Few, double Many) Both(Norm norm, int seed) => (Accuracy(norm, seed, 2), Accuracy(norm, seed, 32));

        double Accuracy(Norm norm, int seed, int size)
        {
            using var net = new CropClassifier(blocksAStage: 3, norm, adders: false, seed);
            net.Learn(train, size, epochs: 4, rate: 0.1 * size / 32);
            return net.Accuracy(test);
        }

        static void Tell(string name, IReadOnlyList<(double Few, double Many)> results)
            => Write($"{name}: batch 2 {string.Join(", ", results.Select(one => $"{one.Few:F3}"))}; batch 32 {string.Join(", ", results.Select(one => $"{one.Many:F3}"))}");
    }

    /// <summary>Chen et al., "AdderNet", CVPR 2020, section 3.3: layers of adders learn better when the length of their gradients is set.</summary>
    [Fact(Explicit = true)]
    public async Task Adders_learn_better_with_gradients_of_set_length()
    {
        using var scope = NewDisposeScope();
        var (train, test) = await ReadAsync(each: 200);

        var adders = Enumerable.Range(1, Seeds).Select(seed => Result(adders: true, seed, scale: true)).ToList();
        var unscaled = Enumerable.Range(1, Seeds).Select(seed => Result(adders: true, seed, scale: false)).ToList();
        var convolutions = Enumerable.Range(1, Seeds).Select(seed => Result(adders: false, seed, scale: true)).ToList();

        Tell("adders", adders);
        Tell("adders, gradients as they are", unscaled);
        Tell("convolutions", convolutions);
        Assert.All(adders, one => Assert.InRange(one.Accuracy, 2.0 / 3, 1));
        Assert.True(adders.Min(one => one.Accuracy) > unscaled.Average(one => one.Accuracy));

        (double Accuracy, double Zeros) Result(bool adders, int seed, bool scale)
        {
            using var net = new CropClassifier(blocksAStage: 1, Norm.Batch, adders, seed);
            net.Learn(train, batch: 32, epochs: 5, rate: 0.1, scale);
            return (net.Accuracy(test), net.Zeros(test));
        }

        static void Tell(string name, IReadOnlyList<(double Accuracy, double Zeros)> results)
            => Write($"{name}: {string.Join(", ", results.Select(one => $"{one.Accuracy:F3} ({one.Zeros:P0} zeros)"))}");
    }

    private static async Task<(CellCrops Train, CellCrops Test)> ReadAsync(int each)
        => (await CellCrops.ReadAsync("train", each, TestContext.Current.CancellationToken), await CellCrops.ReadAsync("val", each: 60, TestContext.Current.CancellationToken));

    private static void Write(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
