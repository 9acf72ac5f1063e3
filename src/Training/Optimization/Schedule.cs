namespace Serve.Training.Optimization;

/// <summary>How the learning rate falls after the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Half a cosine, from the full rate to zero at the end.</summary>
    Cosine,

    /// <summary>Times <see cref="Schedule.DecayFactor"/> at each of <see cref="Schedule.DecayAt"/>.</summary>
    Step,
}

/// <summary>The learning rate as a function of the step.</summary>
public sealed record Schedule
{
    /// <summary>How the rate falls.</summary>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Cosine;

    /// <summary>Steps over which the rate rises linearly from <see cref="WarmupFactor"/> times the full rate.</summary>
    public int WarmupSteps { get; init; } = 100;

    /// <summary>Share of the full rate at step 0.</summary>
    public double WarmupFactor { get; init; } = 0.01;

    /// <summary>Points of decay for <see cref="ScheduleKind.Step"/>, as shares of all steps, rising.</summary>
    public IReadOnlyList<double> DecayAt { get; init; } = [2.0 / 3, 8.0 / 9];

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
            ScheduleKind.Step => Math.Pow(DecayFactor, DecayAt.Count(point => progress >= point)),
            _ => throw new ArgumentOutOfRangeException(nameof(step), Kind, "There is no such schedule."),
        };
        var rise = step < WarmupSteps ? WarmupFactor + (1 - WarmupFactor) * step / WarmupSteps : 1;
        return fall * rise;
    }
}
