using Serve.Eval.Datasets;
using Serve.Inference.Models;

namespace Serve.Inference.Tests.Models;

/// <summary>Passports made up for tests.</summary>
internal static class TestPassports
{
    public static Passport Small { get; } = new()
    {
        Name = "small",
        Version = 1,
        Input = new InputSpec { Width = 32, Height = 24 },
        Categories = [new Category(7, "cat", "animal"), new Category(9, "dog")],
    };

    public static Passport Full { get; } = Small with
    {
        ScoreThreshold = 0.25,
        Input = Small.Input with { Resize = ResizeRule.LetterboxCentre, PadValue = 114, ChannelOrder = "bgr", Scale = 1.0 / 255, Mean = [0.1, 0.2, 0.3] },
        Provenance = new Provenance
        {
            Recipe = "fcos-r18-gn",
            Commit = "abc",
            Seed = 3,
            TrainedOn = [new TrainingData("bccd/train", "00ff", 205, 100.5)],
            Parameters = 12,
            MultiplyAdds = 34,
            TrainingResolution = "320x240",
            TestResolution = "320x240",
            Metrics = [new ObtainedMetrics("bccd/test", "coco-bbox", new Dictionary<string, double> { ["AP"] = 0.5 })],
        },
    };
}
