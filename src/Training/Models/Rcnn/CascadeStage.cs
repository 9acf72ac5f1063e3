using Serve.Training.Boxes;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>One box head of a cascade, with the weights of its regression. Keys: <c>head.*</c>, <c>predictor.*</c>.</summary>
internal sealed class CascadeStage : nn.Module
{
    private readonly BoxHead head;
    private readonly BoxPredictor predictor;

    /// <param name="channels">Channels of the levels.</param>
    /// <param name="options">The detector's options.</param>
    /// <param name="weights">Weights of the regression.</param>
    /// <param name="init">Fills the weights.</param>
    public CascadeStage(int channels, RcnnOptions options, IReadOnlyList<double> weights, Initialisation init) : base(nameof(CascadeStage))
    {
        head = new BoxHead(channels, options.BoxHead, init);
        predictor = new BoxPredictor(options.BoxHead.Width, options.CategoryCount, isAgnostic: true, DialectRules.Of(options.Dialect), init);
        Coder = new BoxCoder(weights[0], weights[1], weights[2], weights[3]);
        RegisterComponents();
    }

    /// <summary>Targets of the regression.</summary>
    public BoxCoder Coder { get; }

    /// <summary>Logits [T, K + 1], background last, and moves [T, 1, 4] from pooled features [T, C, s, s].</summary>
    public (TracedTensor Logits, TracedTensor Deltas) Predict(TracedTensor pooled) => predictor.Predict(head.call(pooled));
}
