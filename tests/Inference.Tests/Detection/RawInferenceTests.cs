using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Eval;
using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Detection;

public sealed class RawInferenceTests : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_graphs_own_outputs_come_back_in_the_order_asked_for()
    {
        await using var model = Load();

        var answer = await model.InferAsync(new RawRequest([Images(0.5f)], ["labels", "scores"]), Ct);

        Assert.Equal(["labels", "scores"], answer.Outputs.Select(output => output.Name));
        Assert.Equal((TensorElementType.Int64, TensorElementType.Float), (answer.Outputs[0].Type, answer.Outputs[1].Type));
        Assert.Equal([1, 3], answer.Outputs[0].Shape);
        Assert.Equal([0L, 1, -1], MemoryMarshal.Cast<byte, long>(answer.Outputs[0].Data.Span).ToArray());
        Assert.Equal([0.5f, 0.25f, 0], MemoryMarshal.Cast<byte, float>(answer.Outputs[1].Data.Span).ToArray());
    }

    [Fact]
    public async Task All_outputs_come_back_when_none_is_named()
    {
        await using var model = Load();

        var answer = await model.InferAsync(new RawRequest([Images(0.5f, 0.25f)]), Ct);

        Assert.Equal(["boxes", "scores", "labels"], answer.Outputs.Select(output => output.Name));
        Assert.Equal([2, 3, 4], answer.Outputs[0].Shape);
        Assert.Equal((2, 2L, 1L), (answer.BatchSize, model.Statistics.Snapshot().InferenceCount, model.Statistics.Snapshot().ExecutionCount));
    }

    [Fact]
    public async Task Requests_that_run_together_each_get_their_own_rows()
    {
        await using var model = Load(new DetectionModelOptions { LeastBatchGain = double.NegativeInfinity, Runners = 1 });
        float[][] levels = [.. Enumerable.Range(0, 200).Select(i => Enumerable.Range(0, 1 + i % 3).Select(row => (i + row) / 256f).ToArray())];

        var answers = await Task.WhenAll(levels.Select(level => Task.Run(() => model.InferAsync(new RawRequest([Images(level)], ["scores"]), Ct), Ct)));

        for (var i = 0; i < levels.Length; i++)
        {
            var scores = MemoryMarshal.Cast<byte, float>(answers[i].Outputs[0].Data.Span);
            Assert.Equal([levels[i].Length, 3], answers[i].Outputs[0].Shape);
            for (var row = 0; row < levels[i].Length; row++)
                Assert.Equal(levels[i][row], scores[row * 3], 1e-6f);
        }

        Assert.Contains(answers, answer => answer.BatchSize > 3);
    }

    [Fact]
    public async Task Only_the_request_that_breaks_a_batch_fails()
    {
        await using var model = Load(new DetectionModelOptions { LeastBatchGain = double.NegativeInfinity, Runners = 1 }, TestModels.Fault.FailsWhenBright);

        var good = Enumerable.Range(0, 40).Select(_ => model.InferAsync(new RawRequest([Images(0.5f)], ["scores"]), Ct)).ToArray();
        var bad = model.InferAsync(new RawRequest([Images(0.9f)]), Ct);

        Assert.StartsWith("Model 'small' version 1 failed: ", (await Assert.ThrowsAsync<ModelOutputException>(() => bad)).Message, StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(good), answer => Assert.Equal(0.5f, MemoryMarshal.Cast<byte, float>(answer.Outputs[0].Data.Span)[0], 1e-6f));
    }

    [Theory]
    [InlineData("mask", TensorElementType.Float, new long[] { 1, 3, 24, 32 }, 9216, "inputs: 'mask' is not an input of this model; expected 'images'.")]
    [InlineData("images", TensorElementType.UInt8, new long[] { 1, 3, 24, 32 }, 2304, "inputs: 'images' has elements of UInt8; expected Float.")]
    [InlineData("images", TensorElementType.Float, new long[] { 3, 24, 32 }, 9216, "inputs: 'images' has the shape [3, 24, 32]; expected [?, 3, 24, 32].")]
    [InlineData("images", TensorElementType.Float, new long[] { 1, 3, 32, 24 }, 9216, "inputs: 'images' has the shape [1, 3, 32, 24]; expected [?, 3, 24, 32].")]
    [InlineData("images", TensorElementType.Float, new long[] { -1, 3, 24, 32 }, 9216, "inputs: 'images' has the shape [-1, 3, 24, 32]; sides are 0 or more.")]
    [InlineData("images", TensorElementType.Float, new long[] { 1, 3, 24, 32 }, 9215, "inputs: 'images' holds 9215 bytes; its shape [1, 3, 24, 32] of Float has 9216.")]
    public async Task Tensors_that_do_not_fit_are_refused(string name, TensorElementType type, long[] shape, int bytes, string message)
    {
        await using var model = Load();

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => model.InferAsync(new RawRequest([new NamedTensor(name, type, shape, new byte[bytes])]), Ct));

        Assert.Equal(message, refused.Message);
    }

    [Fact]
    public async Task A_shape_of_more_elements_than_there_are_numbers_is_refused()
    {
        await using var model = Load();
        var huge = new NamedTensor("images", TensorElementType.Float, [long.MaxValue, 3, 24, 32], new byte[8]);

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => model.InferAsync(new RawRequest([huge]), Ct));

        Assert.StartsWith("inputs: 'images' holds 8 bytes; ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_repeated_and_unknown_names_are_refused()
    {
        await using var model = Load();
        async Task<string> Refusal(RawRequest request) => (await Assert.ThrowsAsync<InvalidInputException>(() => model.InferAsync(request, Ct))).Message;

        Assert.Equal("inputs: 'images' is missing; expected 'images'.", await Refusal(new RawRequest([])));
        Assert.Equal("inputs: 'images' is given more than once.", await Refusal(new RawRequest([Images(0), Images(0)])));
        Assert.Equal("outputs: 'masks' is not an output of this model; expected 'boxes', 'scores', 'labels'.", await Refusal(new RawRequest([Images(0)], ["masks"])));
        Assert.Equal("outputs: 'boxes' is asked for more than once.", await Refusal(new RawRequest([Images(0)], ["boxes", "boxes"])));
        Assert.Equal(4, model.Statistics.Snapshot().Fail.Count);
    }

    private static NamedTensor Images(params float[] levels)
    {
        var length = 3 * TestModels.Width * TestModels.Height;
        var data = new byte[levels.Length * length * sizeof(float)];
        for (var i = 0; i < levels.Length; i++)
            MemoryMarshal.Cast<byte, float>(data.AsSpan()).Slice(i * length, length).Fill(levels[i] * 255);
        return new NamedTensor("images", TensorElementType.Float, [levels.Length, 3, TestModels.Height, TestModels.Width], data);
    }

    private DetectionModel Load(DetectionModelOptions? options = null, TestModels.Fault fault = TestModels.Fault.None)
        => DetectionModel.Load(TestModels.Write(_folder.Path, fault: fault), (options ?? new DetectionModelOptions()) with { Device = "cpu" });
}
