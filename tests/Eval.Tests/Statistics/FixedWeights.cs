using Serve.Eval.Statistics;

namespace Serve.Eval.Tests.Statistics;

/// <summary>Weightings that a test chose.</summary>
internal sealed class FixedWeights(params int[][] weightings) : ImageWeights
{
    public override int Count => weightings.Length;

    public override int Rows => weightings[0].Length;

    public override void Fill(int index, Span<byte> weights)
    {
        for (var row = 0; row < weights.Length; row++)
            weights[row] = (byte)weightings[index][row];
    }

    public override int Highest(int threads, CancellationToken ct) => Math.Max(1, weightings.Max(weights => weights.Max()));

    /// <summary>Every number of an evaluation under each weighting; NaN for none. [metrics][weightings]</summary>
    public static double[][] Accumulate(EvaluationResult evaluation, ImageWeights weights, int threads = 1)
    {
        var ct = TestContext.Current.CancellationToken;
        var plan = ResamplePlan.Of([evaluation.Matches], evaluation.Curves, evaluation.Metrics, weights.Highest(threads, ct), threads, ct);
        return Resampling.Run(plan, weights, threads, new(weights.Count, null), ct);
    }
}
