using Serve.Training.Models;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

/// <summary>Takes the gradient of a step's images in parts, one after another, so that a batch of the paper's size fits a small memory.</summary>
/// <remarks>
/// The loss of a step is the mean of its parts' losses. Where a loss is divided by something counted in the batch (positive cells), it is counted in each part by
/// itself, so the gradient is nearly and not exactly that of the whole batch; where it is divided by constants, it is the same but for rounding.
/// </remarks>
internal static class GradientAccumulation
{
    /// <summary>Adds the gradient to the parameters' and returns the losses.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="input">The step's images.</param>
    /// <param name="parts">How many parts, a divisor of the number of images.</param>
    /// <param name="times">Is told when a forward and when a backward pass ends.</param>
    /// <returns>Scalars in the caller's dispose scope.</returns>
    public static DetectorLosses Backward(Detector detector, TrainingInput input, int parts, StepTimes times)
    {
        if (parts == 1)
        {
            var losses = detector.Loss(input);
            times.Mark(StepTimes.Forward);
            losses.Total.backward();
            times.Mark(StepTimes.Backward);
            return losses;
        }

        DetectorLosses? mean = null;
        for (var part = 0; part < parts; part++)
        {
            using var scope = NewDisposeScope();
            var losses = detector.Loss(Part(input, part, parts));
            times.Mark(StepTimes.Forward);
            (losses.Total / parts).backward();
            times.Mark(StepTimes.Backward);
            using var noGradient = no_grad();
            mean = new DetectorLosses(Add(mean?.Total, losses.Total), AddAll(mean?.Parts, losses.Parts)) { Observations = AddAll(mean?.Observations, losses.Observations) };
        }

        return mean!;

        Tensor Add(Tensor? sum, Tensor value)
        {
            var added = (sum is null ? value / parts : sum + value / parts).MoveToOuterDisposeScope();
            sum?.Dispose();
            return added;
        }

        Dictionary<string, Tensor> AddAll(IReadOnlyDictionary<string, Tensor>? sums, IReadOnlyDictionary<string, Tensor> values)
            => values.ToDictionary(entry => entry.Key, entry => Add(sums?[entry.Key], entry.Value));
    }

    // Each part draws its own random numbers.
    private static TrainingInput Part(TrainingInput input, int part, int parts)
    {
        var size = input.Targets.Count / parts;
        return new(input.Images.narrow(0, part * size, size), [.. input.Targets.Skip(part * size).Take(size)], unchecked(input.Seed * 31 + part));
    }
}
