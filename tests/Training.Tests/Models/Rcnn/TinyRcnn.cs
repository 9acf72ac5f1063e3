using Serve.Training.Models.Rcnn;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Rcnn;

/// <summary>The smallest two-stage detector, and pictures for it.</summary>
internal static class TinyRcnn
{
    public static RcnnOptions Options { get; } = new()
    {
        CategoryCount = 3,
        Backbone = new() { Depth = 18, Width = 16 },
        Neck = new() { Channels = 32 },
        Proposals = new()
        {
            Anchors = new() { Sizes = [[16], [32], [64], [128], [256]] },
            PreNmsTrain = 200,
            PreNmsTest = 100,
            PostNmsTrain = 100,
            PostNmsTest = 60,
            Samples = 64,
        },
        BoxHead = new() { Width = 64 },
        RoiSamples = 32,
    };

    /// <summary>A detector whose random predictions are as far apart as learnt ones, in evaluation mode.</summary>
    public static RcnnDetector Lively(RcnnOptions options)
    {
        var detector = new RcnnDetector(options, seed: 2);
        using var _ = no_grad();
        using var generator = new Generator(7);
        foreach (var (key, value) in detector.state_dict())
        {
            if (key.StartsWith("proposals.", StringComparison.Ordinal) && key.EndsWith("weight", StringComparison.Ordinal))
                value.normal_(0, 0.05, generator);
            if (key.EndsWith("predictor.classes.weight", StringComparison.Ordinal))
                value.normal_(0, 0.15, generator);
            if (key.EndsWith("predictor.deltas.weight", StringComparison.Ordinal))
                value.normal_(0, 0.1, generator);
        }

        detector.eval();
        return detector;
    }

    /// <summary>[images, 3, height, width] blobs of colour.</summary>
    public static Tensor Pictures(int images, int height, int width)
    {
        using var generator = new Generator(11);
        return nn.functional.interpolate(rand([images, 3, height / 16, width / 16], generator: generator) * 255, [height, width], mode: InterpolationMode.Bilinear, align_corners: false);
    }
}
