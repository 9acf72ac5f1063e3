using System.Runtime.InteropServices;
using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Onnx;
using Serve.Inference.Preprocessing;
using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Detection;

public sealed class PictureRunsTests : IDisposable
{
    private static readonly DetectionOptions All = new(ScoreThreshold: 0);

    private readonly TemporaryFolder _folder = TestFiles.NewFolder();
    private readonly ModelStatistics _statistics = new(TimeProvider.System);
    private ModelSession? _session;

    public void Dispose()
    {
        _session?.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    public async Task A_picture_has_the_same_detections_alone_and_in_every_batch(int size)
    {
        var runs = Start();
        var levels = Enumerable.Range(0, size).Select(i => 0.1f + i / 10f).ToArray();

        var together = await Run(runs, levels);

        for (var i = 0; i < size; i++)
            Assert.Equal(await Run(runs, levels[i]), [together[i]]);
        Assert.Equal((2L * size, 1L + size), (_statistics.Snapshot().InferenceCount, _statistics.Snapshot().ExecutionCount));
    }

    [Fact]
    public async Task Only_the_picture_that_breaks_a_batch_fails()
    {
        var runs = Start(TestModels.Fault.FailsWhenBright);
        var requests = new[] { 0.5f, 0.9f, 0.25f }.Select(Request).ToArray();

        runs.Run(requests, Turn(alone: false));

        Assert.StartsWith("Model 'small' version 1 failed: ", (await Assert.ThrowsAsync<ModelOutputException>(() => requests[1].Answer)).Message, StringComparison.Ordinal);
        Assert.Equal(0.5f, Detections(await requests[0].Answer)[0].Score, 1e-6f);
        Assert.Equal(0.25f, Detections(await requests[2].Answer)[0].Score, 1e-6f);
    }

    [Fact]
    public async Task Only_the_picture_with_a_wrong_answer_fails()
    {
        var runs = Start(TestModels.Fault.NanWhenDark);
        var requests = new[] { 0.75f, 0.25f }.Select(Request).ToArray();

        runs.Run(requests, Turn(alone: false));

        var good = await requests[0].Answer;
        var bad = await requests[1].Answer;
        Assert.Equal(0.5f, Detections(good)[0].Score, 1e-6f);
        Assert.Contains("the score of category 0 is NaN", Assert.Throws<ModelOutputException>(() => Detections(bad)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outputs_are_used_again_only_when_every_picture_was_read()
    {
        var runs = Start();
        _session!.Learn(await Outputs(runs, 0.5f));
        var first = Request(0.25f);
        var second = Request(0.75f);
        runs.Run([first, second], Turn(alone: false));
        var (one, two) = (await first.Answer, await second.Answer);

        Assert.Same(one.Outputs, two.Outputs);
        Assert.Equal(0.25f, Detections(one)[0].Score, 1e-6f);
        await Run(runs, 0.9f, 0.9f);
        Assert.Equal(0.75f, Detections(two)[0].Score, 1e-6f);
    }

    [Fact]
    public async Task Nobody_waits_and_the_outputs_go_back()
    {
        var runs = Start();
        var left = Request(0.25f);
        left.Cancel(new CancellationToken(canceled: true));

        runs.Run([left, Request(0.5f)], Turn(alone: false));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left.Answer);
    }

    private async Task<List<DetectedObject>[]> Run(PictureRuns runs, params float[] levels)
    {
        var requests = levels.Select(Request).ToArray();
        runs.Run(requests, Turn(alone: false));
        var answers = await Task.WhenAll(requests.Select(request => request.Answer));
        foreach (var request in requests)
            request.Free();
        return [.. answers.Select(Detections)];
    }

    private async Task<RunOutputs> Outputs(PictureRuns runs, float level)
    {
        var request = Request(level);
        runs.Run([request], Turn(alone: true));
        return (await request.Answer).Outputs;
    }

    private List<DetectedObject> Detections(PictureRun run)
    {
        var detections = new List<DetectedObject>();
        try
        {
            _session!.Decode(run.Outputs, run.Index, ResizePlan.For(TestModels.Passport.Input, TestModels.Width, TestModels.Height), All, detections);
        }
        finally
        {
            run.Outputs.Release();
        }

        return detections;
    }

    /// <summary>A turn of a queue that nobody else uses.</summary>
    private static RunTurn Turn(bool alone)
    {
        var queue = new RequestQueue(new RequestLimits(1, 1, TimeSpan.FromSeconds(1)), new BatchTimes(1, 0, TimeSpan.Zero), TimeProvider.System, new RunCount());
        var turn = new RunTurn(queue);
        turn.Begin(alone);
        return turn;
    }

    private PictureRequest Request(float level)
    {
        var input = _session!.Rent(new BufferShape(1, TestModels.Width, TestModels.Height));
        MemoryMarshal.Cast<byte, float>(input.Picture(0)).Fill(level * 255);
        return new PictureRequest(_session, input) { Level = 2 };
    }

    private PictureRuns Start(TestModels.Fault fault = TestModels.Fault.None)
    {
        var graph = Path.Combine(TestModels.Write(_folder.Path, fault: fault), "model.onnx");
        var options = new DetectionModelOptions { Device = "cpu" };
        _session = ModelSession.Open(graph, new FileInfo(graph).Length, OnnxFile.Describe(graph), TestModels.Passport, options);
        var record = new ModelRecord(_statistics, new InferenceMetrics("small", 1, "CPUExecutionProvider"));
        return new PictureRuns(_session, new BatchTimes(8, 0, TimeSpan.Zero), record, TimeProvider.System);
    }
}
