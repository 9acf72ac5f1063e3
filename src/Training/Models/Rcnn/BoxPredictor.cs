using Serve.Training.Boxes;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>Classes and moves of boxes from the vectors of the <see cref="BoxHead"/>.</summary>
/// <remarks>
/// Classes start from N(0, 0.01), moves from N(0, 0.001). Weights are stored as the dialect has them (the background first, and with a move of its own), what is put
/// out is the same for all. Keys: <c>classes</c>, <c>deltas</c>. Letters: T boxes, K categories.
/// </remarks>
internal sealed class BoxPredictor : nn.Module
{
    private readonly LinearLayer classes;
    private readonly LinearLayer deltas;
    private readonly int moves;
    private readonly DialectRules rules;

    /// <param name="width">Inputs.</param>
    /// <param name="categories">K.</param>
    /// <param name="isAgnostic">Whether boxes are moved alike whatever their class.</param>
    /// <param name="rules">What the dialect decides.</param>
    /// <param name="init">Fills the weights.</param>
    public BoxPredictor(int width, int categories, bool isAgnostic, DialectRules rules, Initialisation init) : base(nameof(BoxPredictor))
    {
        this.rules = rules;
        moves = isAgnostic ? 1 : rules.BackgroundHasBox ? categories + 1 : categories;
        classes = new LinearLayer(width, categories + 1, init.Normal(0.01));
        deltas = new LinearLayer(width, 4 * moves, init.Normal(0.001));
        RegisterComponents();
    }

    /// <summary>Predictions for each vector.</summary>
    /// <param name="features">[T, width].</param>
    /// <returns>Logits [T, K + 1], the background last; moves [T, K, 4], or [T, 1, 4] where the class does not matter.</returns>
    public (TracedTensor Logits, TracedTensor Deltas) Predict(TracedTensor features)
    {
        var logits = classes.call(features);
        if (rules.BackgroundFirst)
            logits = Shapes.Concat(1, logits.Slice(1, 1), logits.Slice(1, 0, 1));
        var boxes = deltas.call(features).Reshape(0, moves, 4);
        if (rules.BackgroundHasBox && moves > 1)
            boxes = rules.BackgroundFirst ? boxes.Slice(1, 1) : boxes.Slice(1, 0, -1);
        return (logits, boxes);
    }
}
