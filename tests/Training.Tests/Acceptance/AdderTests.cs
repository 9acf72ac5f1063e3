using Serve.Eval.Datasets;
using Serve.Training.Data;
using Serve.Training.Models;
using Serve.Training.Models.Backbones;
using Serve.Training.Models.Layers;
using Serve.Training.Optimization;
using Serve.Training.Recipes;
using Serve.Training.Runs;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Acceptance;

/// <summary>Chen et al., "An Empirical Study of Adder Neural Networks for Object Detection": what makes detectors of adders learn.</summary>
public sealed class AdderTests
{
    private const int Steps = 100;

    private static readonly Recipe Adders = RecipeOverrides.Apply(AdderDetector.Small,
        ["detector.backbone.width=16", "detector.neck.channels=32", "detector.towerDepth=1", "batchSize=4", $"steps={Steps}", "schedule.warmupSteps=20", "averageDecay=0"]) with
    { Augmentation = Augmentation.None(192, 160) };

    [Fact(Explicit = true)]
    public async Task Live_statistics_learn_and_frozen_ones_do_not()
    {
        using var folder = TestFiles.NewFolder();
        var data = FewPictures.Write(folder.File("data"), "data/bccd", count: 4);
        using var classifier = new Classifier(Adders);
        var accuracy = await classifier.LearnAsync(data, steps: 40);

        using var live = TrainingState.Create(Adders.Resolve(3), CPU);
        using var frozen = TrainingState.Create(Adders.Resolve(3), CPU);
        using var convolutions = TrainingState.Create(RecipeOverrides.Apply(Adders, ["detector.backbone.kind=resNet", "detector.neck.kind=featurePyramid"]).Resolve(3), CPU);
        classifier.CopyBackboneTo(live.Detector);
        classifier.CopyBackboneTo(frozen.Detector);
        // The options refuse this.
        foreach (var norm in BackboneOf(frozen.Detector).modules().OfType<NormLayer>())
            norm.FreezeStatistics();

        var (ofLive, ofFrozen, ofConvolutions) = (await TrainAsync(live, data), await TrainAsync(frozen, data), await TrainAsync(convolutions, data));

        var (adderZeros, convolutionZeros) = (await ZerosOfLastStageAsync(live.Detector, data), await ZerosOfLastStageAsync(convolutions.Detector, data));
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"classifier {accuracy:P1}; AP50 live {ofLive:F3}, frozen {ofFrozen:F3}, convolutions {ofConvolutions:F3}; zeros in C5: adders {adderZeros:P1}, convolutions {convolutionZeros:P1}");
        // Better than guessing, which is a third.
        Assert.InRange(accuracy, 0.4, 1);
        Assert.InRange(ofLive, 0.1, 1);
        Assert.InRange(ofFrozen, 0, 0.05);
    }

    // AP50 on the training pictures.
    private static async Task<double> TrainAsync(TrainingState state, DatasetFolder data)
    {
        var ct = TestContext.Current.CancellationToken;
        var dataset = await data.ReadAsync("val", ct);
        using var loader = new BatchLoader(data, dataset, Adders.ToBatchOptions(), workers: 1);
        set_num_threads(1);
        await foreach (var batch in loader.ReadAsync(0, ct))
        {
            using var owned = batch;
            using var scope = NewDisposeScope();
            state.Optimizer.ZeroGradients();
            GradientAccumulation.Backward(state.Detector, new(batch.Images, batch.Targets, batch.Step), parts: 1, new(TimeProvider.System));
            GradientStep.Apply(state.Optimizer, Adders.Optimizer);
            state.Optimizer.Step(Adders.LearningRateAt(batch.Step, Steps));
            if (batch.Step == Steps - 1)
                break;
        }

        var report = ValidationPass.Run(state.Detector, dataset.Categories, Adders.ToInputSpec(), Adders.ToOutputSpec(), data, dataset, CPU, ct)[0];
        return report.Stats[report.StatsNames.Index().First(entry => entry.Item == "AP50").Index];
    }

    private static Backbone BackboneOf(Detector detector) => detector.named_modules().Select(entry => entry.module).OfType<Backbone>().Single();

    // The share of zeros in C5 on the training pictures.
    private static async Task<double> ZerosOfLastStageAsync(Detector detector, DatasetFolder data)
    {
        var ct = TestContext.Current.CancellationToken;
        using var loader = new BatchLoader(data, await data.ReadAsync("train", ct), Adders.ToBatchOptions(), workers: 1);
        await using var batches = loader.ReadAsync(0, ct).GetAsyncEnumerator(ct);
        Assert.True(await batches.MoveNextAsync());
        using var batch = batches.Current;
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        detector.eval();
        var state = detector.state_dict();
        return BackboneOf(detector).call(new TracedTensor((batch.Images - state["pixel_mean"]) * state["pixel_scale"]))[3].Value.eq(0).to_type(float32).mean().item<float>();
    }

    /// <summary>An adder backbone that tells crops of cells apart: the weights that detectors start from.</summary>
    private sealed class Classifier(Recipe recipe) : IDisposable
    {
        private const int Side = 64;
        private readonly Detector whole = recipe.Resolve(3).CreateDetector();
        private readonly TorchSharp.Modules.Linear last = nn.Linear(8 * recipe.Detector.Backbone.Width, 3);

        public void CopyBackboneTo(Detector detector) => BackboneOf(detector).load_state_dict(BackboneOf(whole).state_dict());

        // The share of crops of the last ten batches that it knew; as many of each class.
        public async Task<double> LearnAsync(DatasetFolder data, int steps)
        {
            manual_seed(1);
            var backbone = BackboneOf(whole);
            var crops = await CropsAsync(data);
            using var first = recipe.Optimizer.Create(backbone);
            using var second = new OptimizerOptions { LearningRate = 1e-2 }.Create(last);
            var (known, seen, random) = (0L, 0L, new Random(1));
            backbone.train();
            for (var step = 0; step < steps; step++)
            {
                using var scope = NewDisposeScope();
                var labels = Enumerable.Range(0, 24).Select(i => (long)(i % 3)).ToArray();
                var images = stack(labels.Select(label => crops[label][random.Next(crops[label].Count)]));
                var logits = last.call(backbone.call(new TracedTensor(images))[3].Value.mean([2, 3]));
                first.ZeroGradients();
                second.ZeroGradients();
                nn.functional.cross_entropy(logits, tensor(labels)).backward();
                first.Step(recipe.Optimizer.LearningRate);
                second.Step(1e-2);
                if (step >= steps - 10)
                    (known, seen) = (known + logits.argmax(1).eq(tensor(labels)).sum().item<long>(), seen + labels.Length);
            }

            foreach (var crop in crops.Values.SelectMany(ofClass => ofClass))
                crop.Dispose();
            return (double)known / seen;
        }

        public void Dispose()
        {
            whole.Dispose();
            last.Dispose();
        }

        private static async Task<Dictionary<long, List<Tensor>>> CropsAsync(DatasetFolder data)
        {
            var dataset = await data.ReadAsync("train", TestContext.Current.CancellationToken);
            var files = new PictureFiles(data);
            var crops = dataset.Categories.Select((_, label) => (long)label).ToDictionary(label => label, _ => new List<Tensor>());
            foreach (var image in dataset.Images)
            {
                var picture = files.Read(image);
                using var scope = NewDisposeScope();
                var pixels = (tensor(picture.Pixels, [picture.Height, picture.Width, 3]).permute(2, 0, 1).to_type(float32) - 120) / 60;
                foreach (var truth in dataset.Of(image.Id).Where(truth => truth.Width >= 8 && truth.Height >= 8))
                {
                    var (x1, y1) = ((int)Math.Max(0, truth.X), (int)Math.Max(0, truth.Y));
                    var (x2, y2) = ((int)Math.Min(picture.Width, truth.Box.X2), (int)Math.Min(picture.Height, truth.Box.Y2));
                    var crop = nn.functional.interpolate(pixels[.., y1..y2, x1..x2].unsqueeze(0), [Side, Side], mode: InterpolationMode.Bilinear, align_corners: false);
                    crops[dataset.Categories.Index().First(entry => entry.Item.Id == truth.CategoryId).Index].Add(crop[0].DetachFromDisposeScope());
                }
            }

            return crops;
        }
    }
}
