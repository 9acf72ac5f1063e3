using Serve.Inference.Detection;
using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Repository;

/// <summary>Tests that read the memory of the whole process, so nothing may run beside them.</summary>
[Collection(nameof(DetectionModelMemoryTests))]
public sealed class RepositoryMemoryTests : IDisposable
{
    private const int Rounds = 20;
    private const int Weights = 5 << 20;
    private const long Bytes = sizeof(float) * (long)Weights;

    private readonly ModelsFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_memory_of_an_unloaded_model_is_returned()
    {
        TestModels.Write(_folder.File("ant/1"), TestModels.Passport with { Name = "ant" }, ballast: Weights);
        await using var models = _folder.Open();
        await UseAsync();
        await models.UnloadAsync("ant", null, Ct);

        // What is lost adds up over the rounds; what the allocators keep for a while, and what other tests left, does not.
        var taken = new List<long>();
        await RunAsync(5);
        var before = Environment.WorkingSet;
        await RunAsync(Rounds);

        Assert.InRange(taken.Max(), Bytes * 9 / 10, long.MaxValue);
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, Rounds * Bytes / 4);

        async Task RunAsync(int rounds)
        {
            for (var round = 0; round < rounds; round++)
            {
                var unloaded = Environment.WorkingSet;
                await models.LoadAsync("ant", null, Ct);
                await UseAsync();
                taken.Add(Environment.WorkingSet - unloaded);
                await models.UnloadAsync("ant", null, Ct);
                GC.Collect();
            }
        }

        async Task UseAsync()
        {
            using var lease = await models.AcquireAsync("ant", null, Ct);
            await lease.Model.DetectAsync(TestModels.Grey(99), new DetectionOptions(), Ct);
        }
    }
}
