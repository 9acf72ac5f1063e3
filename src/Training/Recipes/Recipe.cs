using System.Text.Json.Serialization;
using Serve.Eval;
using Serve.Inference.Models;
using Serve.Training.Data;
using Serve.Training.Data.Orders;
using Serve.Training.Export;
using Serve.Training.Models;
using Serve.Training.Optimization;

namespace Serve.Training.Recipes;

/// <summary>All that decides what a training does, apart from the data: two runs of one recipe on the same data give the same weights.</summary>
public sealed record Recipe
{
    /// <summary>Name on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>Where the method comes from.</summary>
    public required string Paper { get; init; }

    /// <summary>The detector. Its number of categories is that of the dataset, whatever stands here.</summary>
    public required DetectorOptions Detector { get; init; }

    /// <summary>What is done to training images, and their size.</summary>
    public required Augmentation Augmentation { get; init; }

    /// <summary>Which training images are shown, how often, and which of them make a batch.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>
    /// Width in pixels of the canvas on which images are evaluated and served. Where no test size is given, that of the training counts: its canvas, or its greatest short side
    /// and its long side under <see cref="TrainingResize.ShortestSide"/>.
    /// </summary>
    public int? TestWidth { get; init; }

    /// <summary>Height in pixels of that canvas.</summary>
    public int? TestHeight { get; init; }

    /// <summary>
    /// Length in pixels that the shorter side of images has when they are evaluated and served, or less where the longer one would exceed <see cref="TestLongSide"/>; in place of a
    /// canvas. Null for the greatest of <see cref="Augmentation.ShortSides"/>.
    /// </summary>
    public int? TestShortSide { get; init; }

    /// <summary>Greatest length in pixels of the longer side then; null for <see cref="Augmentation.LongSide"/>.</summary>
    public int? TestLongSide { get; init; }

    /// <summary>
    /// A checkpoint that this run's backbone starts from; null for random first weights. Of an earlier run (its averaged weights are taken), or of a ResNet with the keys of
    /// torchvision, Res2Net, Detectron2 or Detectron, as <c>.safetensors</c> or as PyTorch's <c>.pt</c>/<c>.pth</c>. It has to hold the whole backbone, and nothing that does not fit.
    /// </summary>
    public string? InitialWeights { get; init; }

    /// <summary>Images a step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>The images of a step go through the network in so many parts of equal size, one after another, where memory is short.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Passes over the training images.</summary>
    public int Epochs { get; init; }

    /// <summary>Steps of the training, whatever the number of images; in place of <see cref="Epochs"/> where given.</summary>
    public long? Steps { get; init; }

    /// <summary>The optimiser.</summary>
    public required OptimizerOptions Optimizer { get; init; }

    /// <summary>What the training's multiplications compute with; evaluation and export are float32.</summary>
    public Precision Precision { get; init; }

    /// <summary>The learning rate over time.</summary>
    public Schedule Schedule { get; init; } = new();

    /// <summary>Share of the averaged weights that a step keeps (<see cref="WeightAverage"/>); 0 for no averaging.</summary>
    public double AverageDecay { get; init; } = 0.998;

    /// <summary>Whether buffers (statistics of batch normalisation) are averaged as weights are; else the averaged weights get the last ones.</summary>
    public bool AverageBuffers { get; init; } = true;

    /// <summary>
    /// Batches of training images over which statistics of batch normalisation are found anew for the averaged weights, before each evaluation; 0 for none.
    /// </summary>
    public int ReestimateNorm { get; init; }

    /// <summary>The averaged weights are evaluated on the validation split every so many epochs, and at the end.</summary>
    public int EvaluateEveryEpochs { get; init; } = 5;

    /// <summary>Seed of the first weights, of the order of images and of their augmentation.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>What the recipe should reach. No part of the recipe's file: a changed recipe has other results.</summary>
    [JsonIgnore]
    public Evidence Evidence { get; init; } = new();

    /// <summary>The size of evaluated and served images in words: <c>1024 x 1024</c>, <c>short side 800, long side up to 1333</c>.</summary>
    [JsonIgnore]
    public string TestResolution => ToInputSpec() is var input && input.Resize == ResizeRule.ShortestSide
        ? $"short side {input.Height}, long side up to {input.Width}"
        : $"{input.Width} x {input.Height}";

    private bool HasTestCanvas => TestWidth is not null || TestHeight is not null;

    private bool HasTestSides => TestShortSide is not null || TestLongSide is not null;

    /// <summary>The model's input: what evaluation, export and server do to a picture.</summary>
    public InputSpec ToInputSpec()
    {
        var canvas = new InputSpec
        {
            Width = TestWidth ?? Augmentation.Width,
            Height = TestHeight ?? Augmentation.Height,
            PadValue = Augmentation.PadValue,
            Extra = Detector.WantsSizes ? [ValidSizes.Input] : [],
        };
        return HasTestSides || (Augmentation.Resize == TrainingResize.ShortestSide && !HasTestCanvas)
            ? canvas with
            {
                Resize = ResizeRule.ShortestSide,
                Width = TestLongSide ?? Augmentation.LongSide,
                Height = TestShortSide ?? Augmentation.ShortSides.Max(),
                SizeMultiple = Augmentation.SizeMultiple,
            }
            : canvas;
    }

    /// <summary>The names of the model's outputs.</summary>
    public OutputSpec ToOutputSpec() => new() { Masks = Detector.LearnsMasks ? "masks" : null };

    /// <summary>What training batches are made of.</summary>
    public BatchOptions ToBatchOptions() => new() { Augmentation = Augmentation, Sampling = Sampling, BatchSize = BatchSize, Seed = Seed, Masks = Detector.LearnsMasks };

    /// <summary>The learning rate of a step.</summary>
    public double LearningRateAt(long step, long totalSteps) => Optimizer.RateFor(BatchSize) * Schedule.FactorAt(step, totalSteps);

    /// <summary>Number of steps, where one pass over the training images has so many.</summary>
    public long TotalSteps(int stepsPerEpoch) => Steps ?? (long)Epochs * stepsPerEpoch;

    /// <summary>The recipe for a dataset with so many categories: all that is left open is filled in.</summary>
    public Recipe Resolve(int categories)
    {
        var (input, recipe) = (ToInputSpec(), this with { Detector = Detector with { CategoryCount = categories } });
        return input.Resize == ResizeRule.ShortestSide
            ? recipe with { TestShortSide = input.Height, TestLongSide = input.Width }
            : recipe with { TestWidth = input.Width, TestHeight = input.Height };
    }

    /// <summary>A new detector with random first weights, a function of the seed. The caller owns it.</summary>
    public Detector CreateDetector() => Detector.Create(Seed);

    /// <summary>The same recipe at a size that takes seconds: few channels, two small pictures a step, two steps. For checks that all recipes have to pass.</summary>
    public Recipe Shrunk() => this with
    {
        Detector = Detector.Shrunk(),
        Augmentation = Augmentation.Shrunk(),
        TestWidth = null,
        TestHeight = null,
        TestShortSide = null,
        TestLongSide = null,
        InitialWeights = null,
        BatchSize = 2,
        Accumulate = Math.Min(Accumulate, 2),
        Steps = 2,
        Schedule = Schedule with { WarmupSteps = 1, DecayBeforeEnd = [] },
        ReestimateNorm = Math.Min(ReestimateNorm, 1),
    };

    /// <summary>Checks that what is not trained does not stay at random weights: frozen normalisation from random weights is no normalisation at all.</summary>
    /// <exception cref="InvalidInputException">The backbone is frozen, wholly or in part, and there are no weights to start from.</exception>
    public void RequireWeightsOfFrozenParts()
    {
        if (InitialWeights is null && (Detector.Backbone.Norm.Kind == NormKind.FrozenBatch || Detector.Backbone.FreezeAt > 0))
        {
            throw new InvalidInputException(
                $"Recipe {Name} keeps part of its backbone as it is loaded and so needs trained weights: give them with --set initialWeights=FILE, or train all of it, with --set detector.backbone.freezeAt=0 --set detector.backbone.norm.kind=group.");
        }
    }

    /// <summary>Checks every option.</summary>
    /// <exception cref="InvalidInputException">Options are out of range; the message lists all of them.</exception>
    public void Validate()
    {
        var problems = new List<string>();
        Require(Name.Length > 0, "name: must not be empty.");
        RequireSize("testWidth", TestWidth);
        RequireSize("testHeight", TestHeight);
        Require(!HasTestCanvas || !HasTestSides, "testWidth, testHeight: got them with testShortSide or testLongSide; allowed is a canvas or sides, not both.");
        Require(Augmentation.Resize != TrainingResize.ShortestSide || TestWidth is null == TestHeight is null,
            "testWidth, testHeight: got one of them with augmentation.resize shortestSide, which has no canvas; allowed are both or neither.");
        if (HasTestSides)
        {
            var (shorter, longer) = (ToInputSpec().Height, ToInputSpec().Width);
            RequireRange("testShortSide", shorter, 32, 8192);
            Require(longer >= shorter && longer <= 8192, $"testLongSide: {longer}; allowed is {shorter} (the short side) to 8192.");
        }

        Include(Augmentation.Validate);
        Include(Sampling.Validate);
        Include(Detector.Validate);

        RequireRange("batchSize", BatchSize, 1, 4096);
        Require(Accumulate >= 1 && BatchSize % Accumulate == 0, $"accumulate: {Accumulate}; allowed are divisors of batchSize, {BatchSize}.");
        if (Steps is { } steps)
            RequireRange("steps", steps, 1, 1_000_000_000);
        else
            RequireRange("epochs", Epochs, 1, 1_000_000);
        Require(InitialWeights is not "", "initialWeights: must not be empty; null stands for random first weights.");
        RequireRange("evaluateEveryEpochs", EvaluateEveryEpochs, 1, 1_000_000);
        RequireRange("averageDecay", AverageDecay, 0, 0.999999);
        RequireRange("reestimateNorm", ReestimateNorm, 0, 1_000_000);
        RequireRange("optimizer.learningRate", Optimizer.LearningRate, 1e-9, 100);
        RequireRange("optimizer.referenceBatch", Optimizer.ReferenceBatch ?? 1, 1, 1_000_000);
        RequireRange("optimizer.adderRate", Optimizer.AdderRate, 1e-6, 100);
        RequireRange("optimizer.weightDecay", Optimizer.WeightDecay, 0, 10);
        RequireRange("optimizer.normDecay", Optimizer.NormDecay, 0, 10);
        RequireRange("optimizer.biasDecay", Optimizer.BiasDecay ?? 0, 0, 10);
        RequireRange("optimizer.biasRate", Optimizer.BiasRate, 0, 100);
        RequireRange("optimizer.momentum", Optimizer.Momentum, 0, 0.999999);
        RequireRange("optimizer.beta1", Optimizer.Beta1, 0, 0.999999);
        RequireRange("optimizer.beta2", Optimizer.Beta2, 0, 0.999999);
        RequireRange("optimizer.clipNorm", Optimizer.ClipNorm ?? 1, 1e-6, 1e6);
        RequireRange("schedule.warmupSteps", Schedule.WarmupSteps, 0, 1_000_000);
        RequireRange("schedule.warmupFactor", Schedule.WarmupFactor, 0, 1);
        RequireRange("schedule.decayFactor", Schedule.DecayFactor, 0, 1);
        Require(Schedule.DecayAt.All(point => point is > 0 and <= 1) && Schedule.DecayAt.SequenceEqual(Schedule.DecayAt.Order()),
            $"schedule.decayAt: {string.Join(", ", Schedule.DecayAt)}; allowed are rising numbers above 0 up to 1.");
        Require(Schedule.DecayBeforeEnd.All(tail => tail > 0 && tail < (Steps ?? long.MaxValue)) && Schedule.DecayBeforeEnd.SequenceEqual(Schedule.DecayBeforeEnd.OrderDescending()),
            $"schedule.decayBeforeEnd: {string.Join(", ", Schedule.DecayBeforeEnd)}; allowed are falling numbers above 0{(Steps is null ? "" : $", fewer than the {Steps} steps")}.");

        if (problems.Count > 0)
            throw new InvalidInputException($"Recipe {Name} has {problems.Count} invalid option(s):{string.Concat(problems.Select(p => $"\n  {p}"))}");

        void Include(Action validatePart)
        {
            try
            {
                validatePart();
            }
            catch (InvalidInputException fault)
            {
                problems.Add(fault.Message);
            }
        }

        void Require(bool holds, string problem)
        {
            if (!holds)
                problems.Add(problem);
        }

        void RequireRange(string option, double value, double lower, double upper)
            => Require(value >= lower && value <= upper, $"{option}: {value}; allowed is {lower} to {upper}.");

        void RequireSize(string option, int? pixels)
            => Require(pixels is null || (pixels is >= 32 and <= 8192 && pixels % 32 == 0), $"{option}: {pixels}; allowed is a multiple of 32 from 32 to 8192.");
    }
}
