using System.Diagnostics.Metrics;
using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Detection;

public sealed class ModelStatisticsTests : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Counters_are_exact_when_many_ask_at_once()
    {
        await using var model = Load(TestModels.Fault.FailsWhenBright);
        var before = model.Statistics.Snapshot();

        await Parallel.ForAsync(0, 640, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Ct }, async (i, ct) =>
        {
            var picture = TestModels.Grey((byte)(i % 64 == 0 ? 250 : 100));
            if (i % 64 == 0)
                await Assert.ThrowsAsync<ModelOutputException>(() => model.DetectAsync(picture, new DetectionOptions(), ct));
            else
                await model.DetectAsync(picture, new DetectionOptions(Background: i % 3 == 0), ct);
        });
        var after = model.Statistics.Snapshot();

        Assert.Equal((0L, 0L, 0), (before.InferenceCount, before.Success.Count, before.Batches.Count));
        Assert.Equal((630L, 630L, 10L), (after.InferenceCount, after.Success.Count, after.Fail.Count));
        Assert.Equal((630L, 630L, 630L, 630L), (after.Queue.Count, after.ComputeInput.Count, after.ComputeInfer.Count, after.ComputeOutput.Count));
        Assert.Equal(after.InferenceCount, after.Batches.Sum(batch => batch.BatchSize * batch.ComputeInfer.Count));
        Assert.Equal(after.ExecutionCount, after.Batches.Sum(batch => batch.ComputeInfer.Count));
        Assert.Equal(after.ComputeInfer.Nanoseconds, after.Batches.Sum(batch => batch.BatchSize * batch.ComputeInfer.Nanoseconds));
        Assert.Equal(after.ComputeInput.Nanoseconds, after.Batches.Sum(batch => batch.ComputeInput.Nanoseconds));
        Assert.Equal(after.ComputeOutput.Nanoseconds, after.Batches.Sum(batch => batch.ComputeOutput.Nanoseconds));
        Assert.All(after.Batches, batch => Assert.Equal((batch.ComputeInfer.Count, batch.ComputeInfer.Count), (batch.ComputeInput.Count, batch.ComputeOutput.Count)));
        Assert.True(after.Success.Nanoseconds >= after.Queue.Nanoseconds + after.ComputeInput.Nanoseconds + after.ComputeInfer.Nanoseconds + after.ComputeOutput.Nanoseconds);
        Assert.InRange(after.LastInference!.Value, DateTimeOffset.UtcNow - TimeSpan.FromMinutes(1), DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task A_request_that_was_given_up_is_no_failure()
    {
        await using var model = Load();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.DetectAsync(TestModels.Grey(1), new DetectionOptions(), new CancellationToken(canceled: true)));

        var counted = model.Statistics.Snapshot();
        Assert.Equal((0L, 0L, 1L), (counted.Fail.Count, counted.Success.Count, counted.Rejections.Cancelled));
    }

    [Fact]
    public async Task Those_who_listen_hear_every_stage_and_run()
    {
        await using var model = Load(TestModels.Fault.FailsWhenBright, name: "heard");
        var heard = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == InferenceMetrics.MeterName)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        void Hear(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var all = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value);
            if (all["model"] is not "heard")
                return;
            lock (heard)
                heard.Add($"{instrument.Name} {all["version"]} {all["provider"]} {all.GetValueOrDefault("stage") ?? all.GetValueOrDefault("cause")}".TrimEnd());
        }

        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Hear(instrument, tags));
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Hear(instrument, tags));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Hear(instrument, tags));
        listener.Start();

        await model.DetectAsync(TestModels.Grey(100), new DetectionOptions(), Ct);
        await Assert.ThrowsAsync<ModelOutputException>(() => model.DetectAsync(TestModels.Grey(250), new DetectionOptions(), Ct));

        Assert.Equal(
            [
                "serve.inference.batch.size 1 CPUExecutionProvider",
                "serve.inference.rejections 1 CPUExecutionProvider failed",
                .. new[] { "infer", "postprocess", "preprocess", "queue" }.Select(stage => $"serve.inference.stage.duration 1 CPUExecutionProvider {stage}"),
            ],
            heard.Order(StringComparer.Ordinal));
    }

    private DetectionModel Load(TestModels.Fault fault = TestModels.Fault.None, string name = "small")
        => DetectionModel.Load(TestModels.Write(_folder.Path, TestModels.Passport with { Name = name }, fault), "cpu");
}
