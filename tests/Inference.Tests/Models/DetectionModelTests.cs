using System.Security.Cryptography;
using Serve.Eval;
using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Tests.Pictures;

namespace Serve.Inference.Tests.Models;

public sealed class DetectionModelTests : IDisposable
{
    private static readonly DetectionOptions All = new(ScoreThreshold: 0);

    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Detections_are_sorted_clipped_and_in_original_pixels()
    {
        await using var model = DetectionModel.Load(TestModels.Write(_folder.Path), "cpu");

        // Twice as large as the input, so that boxes come back doubled; all bright, so that m = 1.
        var result = await model.DetectAsync(TestPictures.Plain(64, 48, 255, 255, 255), All, Ct);

        Assert.Equal(
            [(7L, "cat", 1f, new Box(8, 8, 40, 40)), (9L, "dog", 0.5f, new Box(0, 4, 24, 48))],
            result.Detections.Select(detection => (detection.Category.Id, detection.Category.Name, detection.Score, detection.Box)));
        Assert.True(result.Timings.Infer > 0 && result.Timings.Queue >= 0 && result.Timings.Preprocess > 0);
    }

    [Theory]
    [InlineData(null, 100, 1)]          // the passport's threshold of 0.3 leaves out the dog of 0.25
    [InlineData(0.2, 100, 2)]
    [InlineData(0.6, 100, 0)]
    [InlineData(0.0, 1, 1)]
    [InlineData(0.0, 0, 0)]
    public async Task Threshold_and_limit_are_kept(double? threshold, int most, int expected)
    {
        await using var model = DetectionModel.Load(TestModels.Write(_folder.Path), "cpu");

        var result = await model.DetectAsync(TestModels.Grey(128), new DetectionOptions(threshold, most), Ct);

        Assert.Equal(expected, result.Detections.Count);
    }

    [Fact]
    public async Task A_box_without_area_is_left_out()
    {
        await using var model = DetectionModel.Load(TestModels.Write(_folder.Path), "cpu");

        var result = await model.DetectAsync(TestModels.Grey(0), All, Ct);

        Assert.Equal("dog", Assert.Single(result.Detections).Category.Name);
    }

    [Fact]
    public async Task Passport_is_read_from_the_graphs_metadata_when_no_file_is_beside_it()
    {
        var folder = TestModels.Write(_folder.Path, passportInMetadata: true);

        await using var model = DetectionModel.Load(Path.Combine(folder, "model.onnx"), "cpu");

        Assert.Equal(TestModels.Passport.ToJson(), model.Passport.ToJson());
        Assert.Equal(("cpu", "asked for"), (model.Device, model.DeviceReason));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, "model.onnx")))), model.ContentHash);
    }

    [Fact]
    public async Task A_graph_with_a_fixed_batch_of_one_is_run_one_by_one()
    {
        await using var model = DetectionModel.Load(TestModels.Write(_folder.Path, batch: 1), "cpu");

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => model.DetectAsync(TestModels.Grey((byte)(100 + i)), All, Ct)));

        Assert.Equal(1, model.MaxBatch);
        for (var i = 0; i < results.Length; i++)
            Assert.Equal((100 + i) / 255f, results[i].Detections[0].Score, 1e-6f);
    }

    [Theory]
    [InlineData(32, 8)]
    [InlineData(1024, 5)]
    [InlineData(4096, 1)]
    public async Task Batches_are_smaller_where_the_input_is_large(int size, int expected)
    {
        var passport = TestModels.Passport with { Input = TestModels.Passport.Input with { Width = size, Height = size } };

        await using var model = DetectionModel.Load(TestModels.Write(_folder.Path, passport), "cpu");

        Assert.Equal(expected, model.MaxBatch);
    }

    [Fact]
    public async Task Auto_says_why_it_runs_on_the_cpu()
    {
        await using var model = DetectionModel.Load(TestModels.Write(_folder.Path));

        Assert.SkipWhen(model.Device != "cpu", "This machine runs models on a GPU.");
        Assert.StartsWith("auto: ", model.DeviceReason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gpu_that_is_not_there_is_named()
    {
        var providers = Microsoft.ML.OnnxRuntime.OrtEnv.Instance().GetAvailableProviders();
        Assert.SkipWhen(providers.Contains("CUDAExecutionProvider"), "This build has CUDA.");

        var refused = Assert.Throws<InvalidInputException>(() => DetectionModel.Load(TestModels.Write(_folder.Path), "cuda:0"));

        Assert.Contains("device: 'cuda:0' was asked for", refused.Message, StringComparison.Ordinal);
        Assert.Contains("CUDAExecutionProvider", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cpu:0")]
    public void An_unknown_device_name_is_refused(string device)
    {
        var refused = Assert.Throws<InvalidInputException>(() => DetectionModel.Load(TestModels.Write(_folder.Path), device));

        Assert.Contains($"device: '{device}' is not one; allowed are auto, cpu, cuda, cuda:n, tensorrt and tensorrt:n.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_model_is_named()
    {
        var refused = Assert.Throws<InvalidInputException>(() => DetectionModel.Load(_folder.File("none.onnx"), "cpu"));

        Assert.StartsWith($"{_folder.File("none.onnx")}: there is no such model", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(1000)]
    public void A_corrupt_graph_is_refused(int bytes)
    {
        var path = Path.Combine(TestModels.Write(_folder.Path), "model.onnx");
        var graph = File.ReadAllBytes(path);
        File.WriteAllBytes(path, graph[..Math.Min(bytes, graph.Length - 40)]);

        var refused = Assert.Throws<InvalidInputException>(() => DetectionModel.Load(path, "cpu"));

        Assert.StartsWith($"{path}: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(bytes == 0 ? "the file is empty (0 bytes)" : "not an ONNX model, or a damaged one", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_not_recognised_and_has_no_passport_is_refused()
    {
        var folder = TestModels.Write(_folder.Path);
        File.Delete(Path.Combine(folder, "model.json"));

        var refused = Assert.Throws<InvalidInputException>(() => DetectionModel.Load(folder, "cpu"));

        Assert.Contains("no known family", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_disagreement_with_the_passport_is_told()
    {
        TestModels.Write(_folder.Path);
        var wrong = TestModels.Passport with
        {
            Input = TestModels.Passport.Input with { Width = 64 },
            Outputs = new OutputSpec { Boxes = "labels", Scores = "boxes", Labels = "marks" },
        };
        File.WriteAllText(_folder.File("model.json"), wrong.ToJson());

        var refused = Assert.Throws<InvalidInputException>(() => DetectionModel.Load(_folder.Path, "cpu"));

        Assert.StartsWith(
            $"{_folder.File("model.onnx")}: the graph does not fit its passport: input 'images' is [?, 3, 24, 32]; the passport says [B, 3, 24, 64]; "
            + "decoding: the graph has no output 'marks'; it has 'boxes' [?, 3, 4], 'scores' [?, 3], 'labels' [?, 3]; ",
            refused.Message, StringComparison.Ordinal);
        Assert.Contains("output 'boxes'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("output 'labels'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_family_that_no_decoding_goes_with_is_refused()
    {
        TestModels.Write(_folder.Path, TestModels.Passport with { Family = "yolo" });

        var refused = Assert.Throws<InvalidInputException>(() => DetectionModel.Load(_folder.Path, "cpu"));

        Assert.Contains("the passport names the family 'yolo', which is not known", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_without_category_is_found_at_load()
    {
        TestModels.Write(_folder.Path, fault: TestModels.Fault.UnknownLabel);

        var refused = Assert.Throws<InvalidInputException>(() => DetectionModel.Load(_folder.Path, "cpu"));

        Assert.Contains("row 0: the label is 5; the passport lists 2 categories", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_that_are_not_numbers_are_found_at_load()
    {
        TestModels.Write(_folder.Path, fault: TestModels.Fault.NanWhenDark);

        var refused = Assert.Throws<InvalidInputException>(() => DetectionModel.Load(_folder.Path, "cpu"));

        Assert.Contains("the model opens but does not run", refused.Message, StringComparison.Ordinal);
        Assert.Contains("output 'scores', row 0: the score of category 0 is NaN", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_fails_is_told_and_the_model_goes_on()
    {
        await using var model = DetectionModel.Load(TestModels.Write(_folder.Path, fault: TestModels.Fault.FailsWhenBright), "cpu");

        var failed = await Assert.ThrowsAsync<ModelOutputException>(() => model.DetectAsync(TestModels.Grey(250), All, Ct));
        var after = await model.DetectAsync(TestModels.Grey(128), All, Ct);

        Assert.StartsWith("Model 'small' version 1 failed: ", failed.Message, StringComparison.Ordinal);
        Assert.Equal(2, after.Detections.Count);
    }

    [Fact]
    public async Task A_closed_model_takes_no_more_requests()
    {
        var model = DetectionModel.Load(TestModels.Write(_folder.Path), "cpu");
        await model.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => model.DetectAsync(TestModels.Grey(1), All, Ct));
    }
}
