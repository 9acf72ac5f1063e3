using Serve.Eval;
using Serve.Training.Export;
using Serve.Training.Models;
using Serve.Training.Models.Fcos;
using Serve.Training.Optimization;
using Serve.Training.Tests.Models.Rcnn;
using static TorchSharp.torch;

namespace Serve.Training.Recipes;

public sealed class RecipeTests
{
    public static TheoryData<string> Names => [.. RecipeCatalogue.All.Select(recipe => recipe.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_recipe_of_the_catalogue_is_valid_and_survives_json(string name)
    {
        var recipe = RecipeCatalogue.Find(name);

        recipe.Validate();
        var read = RecipeJson.Read(RecipeJson.Write(recipe), "test");

        Assert.Empty(RecipeJson.Differences(recipe, read));
        Assert.Equal(RecipeJson.Write(recipe), RecipeJson.Write(read));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_recipe_of_the_catalogue_learns_and_exports_when_it_is_small(string name)
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        var recipe = RecipeCatalogue.Find(name).Resolve(categories: 3).Shrunk();
        recipe.Validate();
        using var detector = recipe.CreateDetector();
        var targets = Enumerable.Range(0, recipe.BatchSize).Select(_ => TestMasks.LeftHalves([2], [8, 8, 56, 48])).ToList();

        detector.Loss(new(rand(recipe.BatchSize, 3, recipe.Augmentation.Height, recipe.Augmentation.Width) * 255, targets, Seed: 1)).Total.backward();
        var tracer = DetectorTrace.Of(detector, recipe.ToInputSpec(), recipe.ToOutputSpec());
        OnnxModel.Write(OnnxModel.Of(tracer, new Dictionary<string, string>()), folder.File("model.onnx"));

        Assert.All(detector.named_parameters().Where(entry => entry.parameter.requires_grad), entry => Assert.True(isfinite(entry.parameter.grad!).all().item<bool>(), entry.name));
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(folder.File("model.onnx"));
        Assert.Equal(recipe.ToInputSpec().Extra.Count + 1, session.InputNames.Count);
    }

    [Fact]
    public void Recipe_of_before_detectors_had_parts_is_read_as_fcos()
    {
        var recipe = FcosR18Gn.Recipe with
        {
            Detector = new FcosOptions
            {
                CategoryCount = 2,
                Backbone = new() { Depth = 50, Width = 32, Norm = Norm.Batch, ZeroInitResidual = true },
                Neck = Models.Necks.NeckOptions.Dense with { Channels = 64 },
                ScoreThreshold = 0.1,
            },
        };
        var earlier = RecipeJson.ToNode(recipe);
        earlier["detector"] = System.Text.Json.Nodes.JsonNode.Parse(
            """
            {
              "categoryCount": 2, "backboneDepth": 50, "backboneWidth": 32, "norm": { "kind": "batch", "groups": 32 }, "zeroInitResidual": true, "pyramidChannels": 64,
              "towerDepth": 4, "priorProbability": 0.01, "candidateThreshold": 0.1, "candidatesPerLevel": 1000, "nmsIouThreshold": 0.6, "maxDetections": 100
            }
            """);

        var read = RecipeJson.Read(earlier.ToJsonString(), "test");

        Assert.Empty(RecipeJson.Differences(recipe, read));
    }

    [Fact]
    public void Evidence_and_what_follows_from_options_are_not_part_of_a_recipes_file()
    {
        var text = RecipeJson.Write(FcosR50Gn.Recipe);

        Assert.DoesNotContain("evidence", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("learnsMasks", text, StringComparison.Ordinal);
        Assert.DoesNotContain("wantsSizes", text, StringComparison.Ordinal);
        Assert.Contains("\"type\": \"fcos\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_recipe_is_answered_with_those_there_are()
    {
        var fault = Assert.Throws<InvalidInputException>(() => RecipeCatalogue.Find("yolo"));

        Assert.Equal($"There is no recipe \"yolo\"; there are {string.Join(", ", RecipeCatalogue.All.Select(recipe => recipe.Name))}.", fault.Message);
    }

    [Fact]
    public void All_problems_are_reported_at_once()
    {
        var recipe = FcosR18Gn.Recipe with
        {
            BatchSize = 0,
            Epochs = -1,
            Augmentation = FcosR18Gn.Recipe.Augmentation with { Width = 100 },
            Schedule = new Schedule { DecayAt = [0.9, 0.5] },
        };

        var fault = Assert.Throws<InvalidInputException>(recipe.Validate);

        Assert.Contains("4 invalid option(s)", fault.Message, StringComparison.Ordinal);
        Assert.Contains("batchSize: 0; allowed is 1 to 4096.", fault.Message, StringComparison.Ordinal);
        Assert.Contains("epochs: -1; allowed is 1 to 1000000.", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Width: got 100", fault.Message, StringComparison.Ordinal);
        Assert.Contains("schedule.decayAt: 0.9, 0.5; allowed are rising numbers above 0 up to 1.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_of_every_type_can_be_set()
    {
        var recipe = RecipeOverrides.Apply(FcosR18Gn.Recipe,
        [
            "epochs=3", "Augmentation.WIDTH=256", "augmentation.scale=0.5,2", "augmentation.colorJitter=[0.1,0.2,0.3,0.04]", "optimizer.kind=sgd",
            "optimizer.learningRate=1e-2", "optimizer.clipNorm=null", "schedule.decayAt=0.5,0.75", "testWidth=320", "name=mine", "seed=7", "detector.backbone.norm.kind=batch", "detector.towerDepth=2", "steps=7", "accumulate=2",
        ]);

        Assert.Equal(3, recipe.Epochs);
        Assert.Equal(256, recipe.Augmentation.Width);
        Assert.Equal((0.5, 2), recipe.Augmentation.Scale);
        Assert.Equal((0.1, 0.2, 0.3, 0.04), recipe.Augmentation.ColorJitter);
        Assert.Equal(OptimizerKind.Sgd, recipe.Optimizer.Kind);
        Assert.Equal(0.01, recipe.Optimizer.LearningRate);
        Assert.Null(recipe.Optimizer.ClipNorm);
        Assert.Equal([0.5, 0.75], recipe.Schedule.DecayAt);
        Assert.Equal(320, recipe.ToInputSpec().Width);
        Assert.Equal("mine", recipe.Name);
        Assert.Equal(7, recipe.Seed);
        Assert.Equal((7, 2), (recipe.Steps, recipe.Accumulate));
        Assert.Equal(NormKind.Batch, recipe.Detector.Backbone.Norm.Kind);
        Assert.Equal(2, Assert.IsType<FcosOptions>(recipe.Detector).TowerDepth);
    }

    [Theory]
    [InlineData("epochs", "--set epochs: expected path.to.option=value, for example epochs=3.")]
    [InlineData("epochs=many", "--set epochs=many: \"many\" is not allowed here; expected a whole number.")]
    [InlineData("epochs=2.5", "--set epochs=2.5: \"2.5\" is not allowed here; expected a whole number.")]
    [InlineData("testWidth=wide", "--set testWidth=wide: \"wide\" is not allowed here; expected a whole number or null.")]
    [InlineData("optimizer.kind=adam", "--set optimizer.kind=adam: \"adam\" is not allowed here; expected adamW or sgd.")]
    [InlineData("augmentation.scale=1", "--set augmentation.scale=1: \"1\" is not allowed here; expected two numbers, such as 0.5,2.")]
    [InlineData("detector.anchors=1",
        "--set detector.anchors=1: detector has no option anchors; it has version, towerDepth, priorProbability, candidatesPerLevel, categoryCount, backbone, neck, pixelMean, pixelStd, scoreThreshold, nmsIouThreshold, maxDetections.")]
    [InlineData("detector={}",
        "--set detector={}: \"{}\" is not allowed here; expected an object with categoryCount, backbone, neck, pixelMean, pixelStd, scoreThreshold, nmsIouThreshold, maxDetections; set these one by one.")]
    [InlineData("accumulate=3", "Recipe fcos-r18-gn has 1 invalid option(s):\n  accumulate: 3; allowed are divisors of batchSize, 4.")]
    [InlineData("epochs.long=1", "--set epochs.long=1: epochs is a single value and has no option long.")]
    [InlineData("schedule.rise=1",
        "--set schedule.rise=1: schedule has no option rise; it has kind, warmup, warmupSteps, warmupFactor, decayAt, decayBeforeEnd, decayFactor.")]
    [InlineData("schedule.decayBeforeEnd=20,60", "Recipe fcos-r18-gn has 1 invalid option(s):\n  schedule.decayBeforeEnd: 20, 60; allowed are falling numbers above 0.")]
    public void Wrong_setting_is_answered_with_what_is_allowed(string setting, string expected)
    {
        var fault = Assert.Throws<InvalidInputException>(() => RecipeOverrides.Apply(FcosR18Gn.Recipe, [setting]));

        Assert.Equal(expected, fault.Message);
    }

    [Fact]
    public void Option_of_a_part_that_is_left_out_brings_the_part_in()
    {
        var root = System.Text.Json.Nodes.JsonNode.Parse("""{ "norm": null, "filter": null, "size": null }""")!.AsObject();

        RecipeOverrides.Set(root, typeof(Parts), "norm.groups=8");
        var noDefaults = Assert.Throws<InvalidInputException>(() => RecipeOverrides.Set(root, typeof(Parts), "filter.length=3"));
        var noObject = Assert.Throws<InvalidInputException>(() => RecipeOverrides.Set(root, typeof(Parts), "size.width=3"));
        RecipeOverrides.Set(root, typeof(Parts), "norm=null");

        Assert.Equal("--set filter.length=3: filter is left out and has no defaults to start from; give it whole, as filter={...}, with length, name.", noDefaults.Message);
        Assert.Equal("--set size.width=3: size is a single value and has no option width.", noObject.Message);
        Assert.Null(root["norm"]);
    }

    [Fact]
    public void Rate_follows_the_batch_where_it_stands_for_another_one()
    {
        var recipe = FcosR18Gn.Recipe with
        {
            BatchSize = 64,
            Optimizer = FcosR18Gn.Recipe.Optimizer with { LearningRate = 0.02, ReferenceBatch = 16 },
            Schedule = new() { Kind = ScheduleKind.Step, WarmupSteps = 0, DecayBeforeEnd = [15_000, 5_000] },
        };

        Assert.Equal(0.08, recipe.LearningRateAt(187_499, totalSteps: 202_500), 1e-12);
        Assert.Equal(0.008, recipe.LearningRateAt(187_500, totalSteps: 202_500), 1e-12);
        Assert.Equal(0.0008, recipe.LearningRateAt(197_500, totalSteps: 202_500), 1e-12);
        Assert.Equal(0.02, (recipe.Optimizer with { ReferenceBatch = null }).RateFor(64));
    }

    [Fact]
    public void Setting_out_of_range_is_refused()
    {
        var fault = Assert.Throws<InvalidInputException>(() => RecipeOverrides.Apply(FcosR18Gn.Recipe, ["batchSize=0"]));

        Assert.Equal("Recipe fcos-r18-gn has 1 invalid option(s):\n  batchSize: 0; allowed is 1 to 4096.", fault.Message);
    }

    [Fact]
    public void Recipe_file_with_an_unknown_detector_is_refused()
    {
        var text = RecipeJson.Write(FcosR18Gn.Recipe).Replace("\"fcos\"", "\"yolo\"", StringComparison.Ordinal);

        var fault = Assert.Throws<InvalidInputException>(() => RecipeJson.Read(text, "recipe.json"));

        Assert.StartsWith("recipe.json: not a recipe: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Recipe_file_with_an_unknown_option_is_refused()
    {
        var text = RecipeJson.Write(FcosR18Gn.Recipe).Replace("\"epochs\"", "\"epoch\"", StringComparison.Ordinal);

        var fault = Assert.Throws<InvalidInputException>(() => RecipeJson.Read(text, "recipe.json"));

        Assert.StartsWith("recipe.json: not a recipe: ", fault.Message, StringComparison.Ordinal);
    }

    private sealed record Parts(Norm? Norm, Filter? Filter, int? Size);

    private sealed record Filter
    {
        public required int Length { get; init; }

        public string Name { get; init; } = "";
    }
}
