using System.Globalization;

namespace Serve.Eval.Reports.Charts;

/// <summary>An axis from a lowest to a highest value, and where its values lie on the picture.</summary>
/// <param name="Title">What is measured, with its unit.</param>
/// <param name="Lowest">Value at the start.</param>
/// <param name="Highest">Value at the end; above the lowest.</param>
internal readonly record struct ChartAxis(string Title, double Lowest, double Highest)
{
    private const int TicksWanted = 5;

    /// <summary>An axis of parts of a whole, 0 to 1.</summary>
    public static ChartAxis Unit(string title) => new(title, 0, 1);

    /// <summary>An axis from 0 that holds the values, and ends at a round number.</summary>
    public static ChartAxis FromZero(string title, IEnumerable<double> values)
    {
        var highest = values.DefaultIfEmpty(0).Max();
        if (highest <= 0)
            return new(title, 0, 1);
        var step = Step(highest);
        return new(title, 0, Math.Ceiling(highest / step) * step);
    }

    /// <summary>An axis that holds the values: of parts of a whole where they all are, else from one round number to another.</summary>
    public static ChartAxis Holding(string title, IReadOnlyCollection<double> values)
    {
        var (lowest, highest) = (values.Min(), values.Max());
        if (lowest >= 0 && highest <= 1)
            return Unit(title);
        var step = Step(highest > lowest ? highest - lowest : Math.Max(1, Math.Abs(highest)));
        lowest = Math.Floor(lowest / step) * step;
        return new(title, lowest, Math.Max(Math.Ceiling(highest / step) * step, lowest + step));
    }

    /// <summary>Where a value lies between two places of the picture.</summary>
    public double Place(double value, double start, double end) => start + ((value - Lowest) / (Highest - Lowest) * (end - start));

    /// <summary>Round values along the axis, with their texts.</summary>
    public IEnumerable<(double Value, string Text)> Ticks()
    {
        var step = Step(Highest - Lowest);
        for (var i = (long)Math.Ceiling(Lowest / step); i * step <= Highest + (step * 1e-9); i++)
            yield return (i * step, (i * step).ToString("0.######", CultureInfo.InvariantCulture));
    }

    private static double Step(double range)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(range / TicksWanted)));
        return power * ((range / TicksWanted / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
    }
}
