using Microsoft.ML.OnnxRuntime;
using Serve.Inference.Detection;
using Serve.Inference.Models;

namespace Serve.Inference.Tests.Models;

/// <summary>What only a machine with a GPU can show; skipped elsewhere.</summary>
public sealed class GpuTests : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Detections_on_a_gpu_are_those_of_the_cpu(bool cudaGraphs)
    {
        SkipWithoutGpu();
        TestModels.Write(_folder.Path);
        await using var cpu = DetectionModel.Load(_folder.Path, "cpu");
        await using var gpu = DetectionModel.Load(_folder.Path, new DetectionModelOptions
        {
            Device = "cuda:0",
            Cuda = new CudaSettings { CudaGraphs = cudaGraphs },
            LeastBatchGain = double.NegativeInfinity,
        });

        // Several rounds: launches are recorded in the first runs of a batch size, and replayed after.
        for (var round = 0; round < 5; round++)
        {
            var levels = Enumerable.Range(0, 40).Select(i => (byte)(i * 6 + round)).ToList();
            var expected = await Task.WhenAll(levels.Select(level => cpu.DetectAsync(TestModels.Grey(level), new DetectionOptions(ScoreThreshold: 0), Ct)));
            var actual = await Task.WhenAll(levels.Select(level => gpu.DetectAsync(TestModels.Grey(level), new DetectionOptions(ScoreThreshold: 0), Ct)));
            for (var i = 0; i < levels.Count; i++)
            {
                Assert.Equal(expected[i].Detections.Count, actual[i].Detections.Count);
                Assert.Equal(expected[i].Detections[0].Score, actual[i].Detections[0].Score, 1e-5f);
                Assert.Equal(expected[i].Detections[0].Box.X2, actual[i].Detections[0].Box.X2, 1e-3);
            }
        }

        Assert.Equal(("cuda:0", "asked for", "CUDAExecutionProvider"), (gpu.Device, gpu.DeviceReason, gpu.Execution.Provider));
        Assert.True(gpu.Execution.NodesPerProvider["CUDAExecutionProvider"] > 0);
    }

    [Fact]
    public async Task Auto_takes_the_gpu()
    {
        SkipWithoutGpu();

        await using var model = DetectionModel.Load(TestModels.Write(_folder.Path));

        Assert.Equal(("cuda:0", "auto: CUDA is there"), (model.Device, model.DeviceReason));
    }

    private static void SkipWithoutGpu()
    {
        OnnxEnvironment.EnsureReady();
        Assert.SkipUnless(
            OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider") && System.Runtime.InteropServices.NativeLibrary.TryLoad("libcuda.so.1", out _),
            "This machine has no GPU, or the tests were built without CUDA.");
    }
}
