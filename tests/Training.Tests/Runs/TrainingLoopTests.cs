using System.Text.Json.Nodes;
using Serve.Eval;
using Serve.Training.Recipes;
using static Serve.Training.Runs.TinyTraining;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

public sealed class TrainingLoopTests
{
    [Fact]
    public async Task Resumed_run_equals_an_uninterrupted_one_bit_for_bit()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 8);   // 4 steps an epoch, 12 in all, evaluated after 8 and 12
        var whole = await Run(request with { Out = folder.File("whole") });

        var interrupted = await Run(request with { Out = folder.File("parts") }, stopAfterStep: 6);
        var resumed = await Run(request with { Out = folder.File("parts") });

        Assert.Equal((TrainingOutcome.Interrupted, 6L), (interrupted.Outcome, interrupted.Step));
        Assert.Equal((TrainingOutcome.Finished, 12L), (whole.Outcome, whole.Step));
        Assert.Equal(whole, resumed);
        AssertSameRun(folder.File("whole"), folder.File("parts"));
    }

    [Fact]
    public async Task Run_killed_after_its_checkpoint_repeats_the_lost_steps()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 8) with { CheckpointEverySteps = 5 };
        await Run(request with { Out = folder.File("whole") });
        var checkpoint = Path.Combine("checkpoints", "last.safetensors");

        // What a kill at step 7 leaves: the checkpoint of step 5, lines up to step 7, the last one cut.
        await Run(request with { Out = folder.File("killed") }, stopAfterStep: 5);
        var early = await File.ReadAllBytesAsync(folder.File($"killed/{checkpoint}"), TestContext.Current.CancellationToken);
        await Run(request with { Out = folder.File("killed") }, stopAfterStep: 7);
        await File.WriteAllBytesAsync(folder.File($"killed/{checkpoint}"), early, TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(folder.File("killed/metrics.jsonl"), "{\"event\":\"steps\",\"st", TestContext.Current.CancellationToken);
        await Run(request with { Out = folder.File("killed") });

        AssertSameRun(folder.File("whole"), folder.File("killed"));
    }

    [Fact]
    public async Task Steps_replace_epochs_and_parts_of_a_batch_follow_the_same_schedule()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 8) with { Recipe = Tiny with { Steps = 5, Accumulate = 2 } };

        var interrupted = await Run(request, stopAfterStep: 3);
        var resumed = await Run(request);

        Assert.Equal((TrainingOutcome.Interrupted, 3L), (interrupted.Outcome, interrupted.Step));
        Assert.Equal((TrainingOutcome.Finished, 5L), (resumed.Outcome, resumed.Step));
    }

    [Fact]
    public async Task Backbone_of_another_run_is_where_a_run_with_initial_weights_starts()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 4) with { Recipe = Tiny with { Steps = 2 } };
        await Run(request with { Out = folder.File("first") });
        var weights = RunFolder.Open(folder.File("first")).CheckpointPath(CheckpointKind.Best);

        using var state = TrainingState.Create(Tiny with { Seed = 9 }, CPU);
        var head = state.Detector.state_dict()["head.classes.weight"].clone();
        state.StartFrom(weights);
        var second = await Run(request with { Out = folder.File("second"), Recipe = Tiny with { Steps = 1, InitialWeights = weights } });

        using var scope = NewDisposeScope();
        using var donor = RunFolder.Open(folder.File("first")).LoadDetector(CheckpointKind.Best);
        foreach (var (name, value) in donor.state_dict().Where(entry => entry.Key.StartsWith("backbone.", StringComparison.Ordinal)))
        {
            Assert.True(value.Equals(state.Detector.state_dict()[name]), name);
            Assert.True(value.Equals(state.Average.state_dict()[name]), name);
        }

        Assert.True(head.Equals(state.Detector.state_dict()["head.classes.weight"]));
        Assert.Equal(1, second.Step);
    }

    [Theory]
    [InlineData("averageBuffers=false")]
    [InlineData("reestimateNorm=2")]
    [InlineData("precision=bFloat16")]
    public async Task Resumed_run_equals_an_uninterrupted_one_with_batch_normalisation_and_every_option(string setting)
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 8) with { Recipe = RecipeOverrides.Apply(Tiny, ["detector.backbone.norm.kind=batch", "detector.backbone.width=8", "epochs=2", "evaluateEveryEpochs=1", setting]) };
        await Run(request with { Out = folder.File("whole") });

        await Run(request with { Out = folder.File("parts") }, stopAfterStep: 6);
        await Run(request with { Out = folder.File("parts") });

        AssertSameRun(folder.File("whole"), folder.File("parts"));
    }

    [Fact]
    public async Task Log_tells_losses_times_what_was_looked_at_and_results()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 4) with { Recipe = Tiny with { Epochs = 2, EvaluateEveryEpochs = 1, Augmentation = Data.Augmentation.None(96, 96) } };
        await Run(request, stopAfterStep: 3);
        await Run(request);

        var log = MetricsLog.Read(Path.Combine(request.Out, "metrics.jsonl")).ToList();

        Assert.Equal([1L, 2L, 3L, 4L], log.Where(line => line.Event == "steps").Select(line => line.Step));
        Assert.All(log.Where(line => line.Event == "steps"), line => Assert.Empty(new[] { "total", "gradientNorm", "learningRate", "imagesPerSecond" }.Except(line.Numbers.Keys)));
        var stages = log.Where(line => line.Event == "stages" && line.Numbers.ContainsKey("forward")).ToList();
        Assert.Equal(4, stages.Count);
        Assert.All(stages, line => Assert.Equal(["data", "transfer", "forward", "backward", "optimizer", "waiting", "preparing.decode"], line.Numbers.Keys.Take(7)));
        Assert.All(stages, line => Assert.InRange(line.Numbers["waiting"], 0, 1));
        // Four pictures of two objects each, twice; counted on through the interruption.
        var seen = log.Last(line => line.Event == "samples").Numbers;
        Assert.Equal((8.0, 16.0, 8.0 * 96 * 96), (seen["images"], seen["instances"], seen["pixels"]));
        Assert.Equal([2L, 4L], log.Where(line => line is { Event: "evaluation", Protocol: "coco-bbox" }).Select(line => line.Step));
    }

    [Fact]
    public async Task Run_folder_has_curves_and_a_page_that_needs_no_other_file()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 4) with { Recipe = Tiny with { Epochs = 2, EvaluateEveryEpochs = 1, Name = "fcos-r18-gn", Paper = "a <b> & \"c\"" } };

        await Run(request);

        string[] names = ["gradient-norm", "learning-rate", "losses", "precision", "stages"];
        Assert.Equal(
            names.SelectMany(name => new[] { $"{name}.png", $"{name}.svg" }), Directory.EnumerateFiles(folder.File("run/curves")).Select(file => Path.GetFileName(file)).Order());
        Assert.All(names, name => Assert.StartsWith("<svg ", File.ReadAllText(folder.File($"run/curves/{name}.svg")), StringComparison.Ordinal));
        Assert.All(names, name => Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(folder.File($"run/curves/{name}.png"))[..4]));
        var page = await File.ReadAllTextAsync(folder.File("run/run.html"), TestContext.Current.CancellationToken);
        Assert.Equal("html", System.Xml.Linq.XDocument.Parse(page).Root!.Name.LocalName);
        Assert.Contains("<h1>fcos-r18-gn on data/train</h1>", page, StringComparison.Ordinal);
        Assert.Contains("Training of a &lt;b&gt; &amp; &quot;c&quot;", page, StringComparison.Ordinal);
        Assert.Contains("<b>4</b> of 4 steps", page, StringComparison.Ordinal);
        Assert.Contains("<li><code>batchSize: 4 and 2</code></li>", page, StringComparison.Ordinal);
        Assert.Contains("<dt>first weights</dt><dd>random</dd>", page, StringComparison.Ordinal);
        Assert.Contains("<dt>instances</dt>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Foreign_weights_are_where_a_run_starts_and_are_told_in_its_record()
    {
        using var folder = TestFiles.NewFolder();
        var weights = folder.File("resnet18.pth");
        var recipe = RecipeOverrides.Apply(Tiny, ["detector.backbone.norm.kind=frozenBatch", "detector.backbone.width=8", "steps=1", $"initialWeights={weights}"]);
        using (var donor = (recipe with { Seed = 9 }).CreateDetector())
        {
            Checkpoints.TorchFile.Write(weights, donor.state_dict().Where(entry => entry.Key.StartsWith("backbone.", StringComparison.Ordinal))
                .ToDictionary(entry => entry.Key["backbone.".Length..], entry => entry.Value));
        }

        var request = Request(folder, images: 4) with { Recipe = recipe };
        await Run(request);

        var record = RunFolder.Open(request.Out).Record.InitialWeights!;
        Assert.Equal(("resnet18.pth", "torchvision"), (record.File, record.Layout));
        Assert.Contains("<h2 id=\"weights-title\">First weights</h2>", await File.ReadAllTextAsync(folder.File("run/run.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("detector.backbone.norm.kind=frozenBatch")]
    [InlineData("detector.backbone.freezeAt=2")]
    public async Task Frozen_part_of_random_weights_is_refused(string setting)
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 4) with { Recipe = RecipeOverrides.Apply(Tiny, [setting]) };

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => Run(request));

        Assert.StartsWith("Recipe tiny keeps part of its backbone as it is loaded and so needs trained weights", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Finished_run_is_answered_without_training_again()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 4);
        var first = await Run(request);

        var second = await Run(request, stopAfterStep: 0);

        Assert.Equal(first, second);
    }

    [Fact]
    public async Task Folder_of_another_recipe_or_dataset_is_refused_with_what_differs()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 4);
        await Run(request, stopAfterStep: 1);
        var other = request with
        {
            Recipe = Tiny with { BatchSize = 1, Optimizer = Tiny.Optimizer with { LearningRate = 0.1 } },
            Data = GeneratedRectangles.Write(folder.File("other"), images: 5, seed: 2),
        };

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => Run(other));

        Assert.Contains("batchSize: 2 and 1", fault.Message, StringComparison.Ordinal);
        Assert.Contains("optimizer.learningRate: 0.0005 and 0.1", fault.Message, StringComparison.Ordinal);
        Assert.Contains("training data: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_into_which_another_process_trains_is_refused_and_left_as_it_is()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 4);
        await Run(request, stopAfterStep: 2);

        using (RunFolder.Open(request.Out).Claim())
        {
            var fault = await Assert.ThrowsAsync<InvalidInputException>(() => Run(request));
            Assert.Equal($"{request.Out}: another process is training into this folder; let it end or stop it, or give another folder.", fault.Message);
        }

        Assert.Single(RunFolder.Open(request.Out).Record.Sessions);
        Assert.Equal(TrainingOutcome.Finished, (await Run(request)).Outcome);
        Assert.DoesNotContain(Directory.EnumerateFiles(request.Out), file => Path.GetFileName(file).StartsWith('.'));
    }

    [Fact]
    public async Task Folder_with_other_files_is_refused()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 4);
        Directory.CreateDirectory(request.Out);
        await File.WriteAllTextAsync(Path.Combine(request.Out, "thesis.txt"), "", TestContext.Current.CancellationToken);

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => Run(request));

        Assert.Equal($"{request.Out}: is not empty and not the folder of a run; give a new or empty folder.", fault.Message);
    }

    [Fact]
    public async Task Loss_that_is_not_finite_stops_the_run_and_keeps_the_checkpoint()
    {
        using var folder = TestFiles.NewFolder();
        var recipe = Tiny with { Optimizer = Tiny.Optimizer with { LearningRate = 100, ClipNorm = null, Kind = OptimizerKind.Sgd, Momentum = 0 }, Epochs = 50, EvaluateEveryEpochs = 50 };
        var request = Request(folder, images: 4) with { Recipe = recipe, CheckpointEverySteps = 1 };

        var fault = await Assert.ThrowsAsync<TrainingDivergedException>(() => Run(request));

        Assert.Matches(@"^Training stopped at step \d+: .+ not finite \(total .+\) at learning rate .+\. Last finite values: step \d+: total ", fault.Message);
        var file = SafeTensorsFile.Open(RunFolder.Open(request.Out).CheckpointPath(CheckpointKind.Last));
        foreach (var name in file.Entries.Keys)
        {
            using var scope = NewDisposeScope();
            Assert.True(isfinite(file.Read(name)).all().item<bool>(), name);
        }
    }

    [Fact]
    public async Task Few_pictures_are_learned_by_heart()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 4) with
        {
            Recipe = Tiny with { Epochs = 60, EvaluateEveryEpochs = 60, BatchSize = 4, Augmentation = Data.Augmentation.None(96, 96), Optimizer = Tiny.Optimizer with { LearningRate = 2e-3 } },
        };

        await Run(request);

        var passport = RunFolder.Open(request.Out).BuildPassport("rectangles", 1, CheckpointKind.Best, multiplyAdds: 1);
        Assert.InRange(passport.Provenance!.Metrics.Single().Values["AP50"], 0.9, 1);
    }

    [Fact]
    public async Task Run_folder_tells_where_the_weights_come_from()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 8) with { Commit = "0123abc" };
        await Run(request);

        var run = RunFolder.Open(request.Out);
        var passport = run.BuildPassport("rectangles", 3, CheckpointKind.Last, multiplyAdds: 77);
        using var detector = run.LoadDetector(CheckpointKind.Best);

        var provenance = passport.Provenance!;
        Assert.Equal(["red", "blue"], passport.Categories.Select(c => c.Name));
        Assert.Equal((96, 96), (passport.Input.Width, passport.Input.Height));
        Assert.Equal(("tiny", "0123abc", 1L, 77L), (provenance.Recipe, provenance.Commit, provenance.Seed, provenance.MultiplyAdds));
        Assert.Equal(new Inference.Models.TrainingData("data/train", run.Record.Training.ContentHash, 8, 3), provenance.TrainedOn.Single());
        Assert.Equal(detector.parameters().Sum(p => p.numel()), provenance.Parameters);
        Assert.Equal(("data/val", "coco-bbox"), (provenance.Metrics.Single().Dataset, provenance.Metrics.Single().Protocol));
        Assert.False(detector.training);
        Assert.Single(run.Record.Sessions);
    }

    private static void AssertSameRun(string first, string second)
    {
        Assert.Equal(Lines(first), Lines(second));
        foreach (var name in new[] { "last", "best" })
        {
            var (left, right) = (Checkpoint(first), Checkpoint(second));
            Assert.Equal(left.Metadata, right.Metadata);
            Assert.Equal(left.Entries.Keys, right.Entries.Keys);
            foreach (var entry in left.Entries.Keys)
            {
                using var scope = NewDisposeScope();
                Assert.True((left.Read(entry) == right.Read(entry)).all().item<bool>(), $"{name}: {entry}");
            }

            SafeTensorsFile Checkpoint(string run) => SafeTensorsFile.Open(Path.Combine(run, "checkpoints", $"{name}.safetensors"));
        }

        // All but how long things took.
        static string[] Lines(string run) =>
        [
            .. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject()).Where(line => line["event"]!.GetValue<string>() != "stages").Select(WithoutSpeed),
        ];

        static string WithoutSpeed(JsonObject line)
        {
            line.Remove("imagesPerSecond");
            return line.ToJsonString();
        }
    }
}
