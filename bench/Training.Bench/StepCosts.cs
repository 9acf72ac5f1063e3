using System.Diagnostics;
using Serve.Training.Recipes;
using Serve.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Serve.Training.Bench;

/// <summary>Measures a step.</summary>
/// <remarks>
/// What is spent outside libtorch's operators is given twice. The estimate: calls that give a tensor, times what the cheapest of them costs here with its wrapper and its
/// disposal, plus the pauses of the garbage collector. The bound: a whole step of the same detector with few channels and one category on images of the same size, which makes the same calls and
/// runs the same loops of C#, but still computes a little.
/// </remarks>
internal static class StepCosts
{
    private const int WarmUp = 3;
    private const int CallRounds = 200_000;

    /// <summary>Writes a row: recipe, images, milliseconds (median; forward, backward, rest), peak memory, calls, share outside the operators (estimate, bound).</summary>
    public static void Write(TextWriter output, Recipe recipe, int side, int images, int steps)
    {
        var (median, parts, calls, pauses) = Measure(recipe, side, images, steps);
        var peak = ProcessMemory.PeakMiB();
        var (small, _, _, _) = Measure(recipe with { Detector = recipe.Detector.Shrunk() with { CategoryCount = 1 } }, side, images, steps);
        var estimate = (calls * CallMilliseconds() + pauses) / median;
        output.WriteLine(FormattableString.Invariant(
            $"| {recipe.Name} | {images} x {side}² | {median:0} | {parts[StepTimes.Forward]:0} / {parts[StepTimes.Backward]:0} / {parts[StepTimes.Optimizer]:0} | {peak:0} | {calls:0} | {estimate:0.0 %} | {small / median:0.0 %} |"));
    }

    private static (double Median, IReadOnlyDictionary<string, double> Parts, double Calls, double Pauses) Measure(Recipe recipe, int side, int images, int steps)
    {
        using var step = new SyntheticStep(recipe, side, images);
        var times = new StepTimes(TimeProvider.System);
        for (var i = 0; i < WarmUp; i++)
            step.Run(times);
        times.TakeMeans();
        var (calls, pauses) = (Calls(), GC.GetTotalPauseDuration());
        var milliseconds = new double[steps];
        for (var i = 0; i < steps; i++)
        {
            var start = Stopwatch.GetTimestamp();
            step.Run(times);
            milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return (milliseconds.Order().ElementAt(steps / 2), times.TakeMeans(), (Calls() - calls) / (double)steps, (GC.GetTotalPauseDuration() - pauses).TotalMilliseconds / steps);
    }

    private static long Calls() => DisposeScopeManager.Statistics.CreatedInScopeCount + DisposeScopeManager.Statistics.CreatedOutsideScopeCount;

    private static double CallMilliseconds()
    {
        using var tensor = zeros(1);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < CallRounds; i++)
        {
            using var scope = NewDisposeScope();
            tensor.alias();
        }

        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / CallRounds;
    }
}
