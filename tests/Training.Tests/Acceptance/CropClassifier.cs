using Serve.Training.Models;
using Serve.Training.Models.Backbones;
using Serve.Training.Models.Layers;
using Serve.Training.Optimization;
using Serve.Training.Recipes;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Acceptance;

/// <summary>The residual network of small pictures: a 3x3 convolution, three stages of 16, 32 and 64 channels, the mean of the last, a matrix. Three blocks a stage are ResNet-20.</summary>
internal sealed class CropClassifier : nn.Module<Tensor, Tensor>
{
    private readonly ConvolutionLayer stem;
    private readonly NormLayer norm;
    private readonly TorchSharp.Modules.ModuleList<BasicBlock> blocks = new();
    private readonly LinearLayer classes;

    public CropClassifier(int blocksAStage, Norm norm, bool adders, long seed) : base(nameof(CropClassifier))
    {
        using var init = new Initialisation(seed);
        stem = new ConvolutionLayer(3, 16, 3, init.HeNormalFanOut, hasBias: norm.LeavesBias);
        this.norm = norm.Create(16);
        var layers = adders ? LayerFactory.Adders(norm, init, AdderGradient.Sign) : LayerFactory.Convolutions(norm, init);
        var channels = 16;
        foreach (var width in new[] { 16, 32, 64 })
        {
            for (var block = 0; block < blocksAStage; block++)
            {
                blocks.Add(new BasicBlock(new BlockShape(channels, width, block == 0 && width > 16 ? 2 : 1), layers));
                channels = width;
            }
        }

        classes = new LinearLayer(channels, CellCrops.Classes, init.Normal(0.01));
        RegisterComponents();
    }

    /// <summary>The maps of the last stage, [N, 64, 8, 8].</summary>
    public Tensor LastMaps(Tensor images)
    {
        var x = norm.call(stem.call(new TracedTensor(images))).Value.relu();
        return blocks.Aggregate(new TracedTensor(x), (maps, block) => block.call(maps)).Value;
    }

    public override Tensor forward(Tensor images) => classes.call(new TracedTensor(LastMaps(images).mean([2L, 3L]))).Value;

    /// <summary>Trains with momentum 0.9 and a rate that falls along a cosine.</summary>
    /// <param name="crops">The crops; the incomplete last batch of a pass is left out.</param>
    /// <param name="batch">Crops a step.</param>
    /// <param name="epochs">Passes.</param>
    /// <param name="rate">The first rate.</param>
    /// <param name="scaleAdders">Whether gradients of adder layers get the length of the paper.</param>
    public void Learn(CellCrops crops, int batch, int epochs, double rate, bool scaleAdders = true)
    {
        var options = new OptimizerOptions { Kind = OptimizerKind.Sgd, LearningRate = rate, WeightDecay = 5e-4, ClipNorm = null };
        using var optimizer = options.Create(this);
        using var pause = CollectorPause.Begin();
        train();
        var steps = (int)crops.Labels.shape[0] / batch;
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            int[] order = [.. Enumerable.Range(0, (int)crops.Labels.shape[0])];
            new Random(epoch).Shuffle(order);
            for (var step = 0; step < steps; step++)
            {
                using (NewDisposeScope())
                {
                    var rows = tensor(order.Skip(step * batch).Take(batch).Select(row => (long)row).ToArray());
                    optimizer.ZeroGradients();
                    nn.functional.cross_entropy(call(crops.Images[rows]), crops.Labels[rows]).backward();
                    if (scaleAdders)
                        GradientStep.Apply(optimizer, options);
                    optimizer.Step(rate * 0.5 * (1 + Math.Cos(Math.PI * (epoch * steps + step) / (epochs * steps))));
                }

                pause.Between();
            }
        }

        eval();
    }

    /// <summary>The share of crops that it tells right.</summary>
    public double Accuracy(CellCrops crops)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        return call(crops.Images).argmax(1).eq(crops.Labels).to(float64).mean().item<double>();
    }

    /// <summary>The share of zeros in the maps of the last stage.</summary>
    public double Zeros(CellCrops crops)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        return LastMaps(crops.Images).eq(0).to(float64).mean().item<double>();
    }
}
