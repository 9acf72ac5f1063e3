using Serve.Training.Models.Backbones;
using Serve.Training.Models.Layers;
using Serve.Training.Models.Necks;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Models;

/// <summary>A detector whose heads look at the levels of a neck: pixels are normalised, and go through backbone and neck.</summary>
/// <remarks>Keys of the state dictionary: <c>pixel_mean</c>, <c>pixel_scale</c>, <c>backbone.*</c> (torchvision's names), <c>pyramid.*</c>, then those of the derived class.</remarks>
public abstract class PyramidDetector : Detector
{
    // Moving a module to another device or type replaces its buffers, in those fields that its own class can see.
    private protected readonly Tensor pixel_mean;
    private protected readonly Tensor pixel_scale;
    private readonly Backbone backbone;
    private readonly Neck pyramid;

    /// <param name="name">Name of the class.</param>
    /// <param name="options">Backbone, neck and pixels.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="init">Goes on with the weights of the heads; the derived class disposes it, and calls <c>RegisterComponents</c>.</param>
    /// <exception cref="Serve.Eval.InvalidInputException">Options out of range.</exception>
    private protected PyramidDetector(string name, DetectorOptions options, long seed, out Initialisation init) : base(name)
    {
        options.Validate();
        init = new Initialisation(seed);
        backbone = options.Backbone.Create(init);
        pyramid = options.Neck.Create(backbone.Channels, init);
        pixel_mean = tensor(options.PixelMean.Select(value => (float)value).ToArray()).view(1, 3, 1, 1);
        pixel_scale = tensor(options.PixelStd.Select(value => (float)(1 / value)).ToArray()).view(1, 3, 1, 1);

        // By hand, so that their parameters come before the heads'.
        register_module(nameof(backbone), backbone);
        register_module(nameof(pyramid), pyramid);
    }

    /// <summary>Channels of every level.</summary>
    private protected int Channels => pyramid.Channels;

    /// <summary>Input pixels between two cells of each level.</summary>
    private protected IReadOnlyList<int> Strides => pyramid.Strides;

    /// <summary>The levels that heads look at, finest first.</summary>
    /// <param name="images">[B, 3, H, W] float32 RGB, 0..255.</param>
    private protected IReadOnlyList<FeatureLevel> Features(TracedTensor images)
    {
        // The padding of the first convolution comes after the normalisation, so the mean stays a node of its own.
        var pixels = (images - new TracedTensor(pixel_mean)) * new TracedTensor(pixel_scale);
        return pyramid.call(backbone.call(pixels));
    }
}
