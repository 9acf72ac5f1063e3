namespace Serve.Training.Optimization;

/// <summary>How the learning rate falls after the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Half a cosine, from the full rate to zero at the end.</summary>
    Cosine,

    /// <summary>Times <see cref="Schedule.DecayFactor"/> at each of <see cref="Schedule.DecayAt"/>, or of <see cref="Schedule.DecayBeforeEnd"/> where there are any.</summary>
    Step,
}

/// <summary>How the learning rate begins.</summary>
public enum WarmupKind
{
    /// <summary>It rises evenly from <see cref="Schedule.WarmupFactor"/> times the full rate to the full rate.</summary>
    Linear,

    /// <summary>It stays at <see cref="Schedule.WarmupFactor"/> times the full rate, then is full.</summary>
    Constant,
}

/// <summary>The learning rate as a function of the step.</summary>
public sealed record Schedule
{
    /// <summary>How the rate falls.</summary>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Cosine;

    /// <summary>How the rate begins.</summary>
    public WarmupKind Warmup { get; init; } = WarmupKind.Linear;

    /// <summary>Steps before the rate is full.</summary>
    public int WarmupSteps { get; init; } = 100;

    /// <summary>Share of the full rate at step 0.</summary>
    public double WarmupFactor { get; init; } = 0.01;

    /// <summary>Points of decay for <see cref="ScheduleKind.Step"/>, as shares of all steps, rising.</summary>
    public IReadOnlyList<double> DecayAt { get; init; } = [2.0 / 3, 8.0 / 9];

    /// <summary>
    /// Points of decay for <see cref="ScheduleKind.Step"/> as numbers of steps before the end, falling; in place of <see cref="DecayAt"/> where there are any. So a longer
    /// training is longer at its full rate, and not at its small ones. He, Girshick, Dollár, "Rethinking ImageNet Pre-training", ICCV 2019, section 4.
    /// </summary>
    public IReadOnlyList<long> DecayBeforeEnd { get; init; } = [];

    /// <summary>Factor at each point of decay.</summary>
    public double DecayFactor { get; init; } = 0.1;

    /// <summary>Share of the full rate at a step.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="totalSteps">Number of steps of the run.</param>
    public double FactorAt(long step, long totalSteps)
    {
        var progress = (double)step / totalSteps;
        var fall = Kind switch
        {
            ScheduleKind.Cosine => 0.5 * (1 + Math.Cos(Math.PI * progress)),
            ScheduleKind.Step when DecayBeforeEnd.Count > 0 => Math.Pow(DecayFactor, DecayBeforeEnd.Count(tail => step >= totalSteps - tail)),
            ScheduleKind.Step => Math.Pow(DecayFactor, DecayAt.Count(point => progress >= point)),
            _ => throw new ArgumentOutOfRangeException(nameof(step), Kind, "There is no such schedule."),
        };
        return fall * (step < WarmupSteps ? RiseAt(step) : 1);
    }

    private double RiseAt(long step) => Warmup switch
    {
        WarmupKind.Linear => WarmupFactor + (1 - WarmupFactor) * step / WarmupSteps,
        WarmupKind.Constant => WarmupFactor,
        _ => throw new ArgumentOutOfRangeException(nameof(step), Warmup, "There is no such warm-up."),
    };
}
