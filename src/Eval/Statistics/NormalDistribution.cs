namespace Serve.Eval.Statistics;

/// <summary>The standard normal distribution.</summary>
internal static class NormalDistribution
{
    // Beyond it, the probability is below the smallest double.
    private const double Farthest = 38;
    private const double RootOfTwoPi = 2.506628274631000502;

    // Where the two approximations meet.
    private const double Middle = 7.07106781186547;

    // Coefficients by falling power.
    private static readonly double[] Above =
        [3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931, 220.206867912376];

    private static readonly double[] Below =
        [8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831, 793.826512519948, 440.413735824752];

    /// <summary>Probability of a value below x, to about 1e-15.</summary>
    /// <remarks>Hart, "Computer Approximations", 1968, algorithm 5666, as in West, "Better approximations to cumulative normal functions", 2005.</remarks>
    public static double Cumulative(double x)
    {
        var distance = Math.Abs(x);
        var tail = distance >= Farthest ? 0 : Math.Exp(-distance * distance / 2) * (distance < Middle ? Rational(distance) : 1 / (Fraction(distance) * RootOfTwoPi));
        return x > 0 ? 1 - tail : tail;
    }

    /// <summary>The x below which a value lies with probability p; infinite for 0 and 1.</summary>
    public static double Quantile(double p)
    {
        if (p is <= 0 or >= 1)
            return p <= 0 ? double.NegativeInfinity : double.PositiveInfinity;
        var (low, high) = (-Farthest, Farthest);
        while (true)
        {
            var middle = (low + high) / 2;
            if (middle <= low || middle >= high)
                return middle;
            if (Cumulative(middle) < p)
                low = middle;
            else
                high = middle;
        }
    }

    private static double Rational(double x) => Polynomial(x, Above) / Polynomial(x, Below);

    private static double Polynomial(double x, ReadOnlySpan<double> falling)
    {
        var sum = 0.0;
        foreach (var coefficient in falling)
            sum = (sum * x) + coefficient;
        return sum;
    }

    private static double Fraction(double x) => x + (1 / (x + (2 / (x + (3 / (x + (4 / (x + 0.65))))))));
}
