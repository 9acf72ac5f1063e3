using System.Globalization;
using Serve.Eval.Datasets;

namespace Serve.Eval.Statistics;

/// <summary>Compares results on the same images: is a difference more than chance?</summary>
/// <remarks>
/// <para>
/// Intervals of differences: all results are resampled with the same images, so that what makes an image easy or hard for all of them cancels out.
/// </para>
/// <para>
/// P-values: the null hypothesis is that on each image it makes no matter which of the two results the detections come from. Then exchanging the two
/// results on any of the images gives a difference that was as likely as the one observed. The p-value is the share of random exchanges (each image with
/// probability 1/2) whose difference is at least as large in either direction, the observed one counted among them. Exchanged detections keep their scores and are
/// ranked among those of the other result, so the scores of both should mean the same (<c>docs/statistics.md</c>). Noreen, "Computer-Intensive Methods for Testing
/// Hypotheses", 1989.
/// </para>
/// </remarks>
public static class PairedComparison
{
    // Sums of the same values in another order differ by less.
    private const double Rounding = 1e-12;

    /// <summary>Compares results.</summary>
    /// <param name="results">At least two, of the same dataset under the same protocol and parameters.</param>
    /// <param name="options">How often, which interval; null for the defaults.</param>
    /// <param name="metrics">Names of the numbers to compare; null for all of the summary.</param>
    /// <param name="categories">Categories whose average precision is compared too; null for none.</param>
    /// <param name="progress">Told the part that is done, 0 to 1, by any thread.</param>
    /// <param name="ct">Cancels between blocks of resamples.</param>
    /// <exception cref="InvalidInputException">
    /// Fewer than two results, a name twice, results that cannot be compared, an option out of range, a number that the protocol does not have.
    /// </exception>
    public static Comparison Run(
        IReadOnlyList<NamedResult> results, StatisticsOptions? options = null, IReadOnlyList<string>? metrics = null, IReadOnlyList<Category>? categories = null,
        IProgress<double>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(results);
        options ??= new();
        options.Validate();
        Comparability.Require(results);
        var first = results[0].Evaluation;
        var measured = Chosen(Measured.Of(first, categories), metrics, first.Protocol.Name);
        var images = first.Matches.Input.ImageIds.Length;
        var pairs = (from a in Enumerable.Range(0, results.Count) from b in Enumerable.Range(a + 1, results.Count - a - 1) select (First: a, Second: b)).ToArray();
        var work = new WorkDone(((long)results.Count * Samples.Work(images, options)) + (2L * options.Permutations * pairs.Length), progress);
        var samples = results.Select(result => Samples.Draw(result.Evaluation, measured, options, work, ct)).ToArray();
        var estimates = results.Select((result, i) => Bootstrap.Estimates(result.Evaluation, measured, samples[i], options)).ToArray();
        var differences = pairs.Select(pair => new PairSamples(measured, estimates[pair.First], estimates[pair.Second], samples[pair.First], samples[pair.Second], options)).ToArray();
        var pValues = pairs.Select((pair, i) => PValues(results[pair.First].Evaluation, results[pair.Second].Evaluation, measured, differences[i], options, work, ct)).ToArray();
        var adjusted = Adjusted(measured, pValues);
        var numbers = measured.Select((number, n) =>
        {
            var pairwise = pairs.Select((pair, i) => new PairDifference(
                results[pair.First].Name, results[pair.Second].Name, differences[i].Estimates[n], pValues[i][n], adjusted[i][n],
                adjusted[i][n] <= 1 - options.Level)).ToArray();
            var ranked = results.Select((result, r) => new RankedEstimate(
                result.Name, estimates[r][n], estimates[r][n].Value is null ? null : 1 + pairwise.Count(difference => IsBetterThan(difference, result.Name))));
            return new ComparedNumber(number.Name, number.CategoryId, [.. ranked], pairwise);
        });
        return new()
        {
            Protocol = first.Protocol.Name,
            Images = images,
            Options = options,
            Results = [.. results.Select(result => result.Name)],
            Numbers = [.. numbers],
            Warnings = [.. WarningsOf(measured, pairs.Length, options)],
        };
    }

    private static IReadOnlyList<Measured> Chosen(IReadOnlyList<Measured> measured, IReadOnlyList<string>? names, string protocol)
    {
        if (names is null)
            return measured;
        string[] known = [.. measured.Where(number => number.CategoryId is null).Select(number => number.Name)];
        foreach (var name in names)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
                throw new InvalidInputException($"{protocol} has no number \"{name}\"; it has {string.Join(", ", known)}.");
        }
        return [.. measured.Where(number => number.CategoryId is not null || names.Contains(number.Name, StringComparer.Ordinal))];
    }

    /// <summary>The p-value of each number; null where there is no difference.</summary>
    private static double?[] PValues(
        EvaluationResult first, EvaluationResult second, IReadOnlyList<Measured> measured, PairSamples observed, StatisticsOptions options, WorkDone work, CancellationToken ct)
    {
        var exchanges = new ResultExchanges(first.Matches.Input.ImageIds.Length, options.Permutations, options.Seed);
        var plan = ResamplePlan.Of(
            [first.Matches, second.Matches], first.Curves, [.. measured.Select(number => number.Metric)], exchanges.Highest(options.Threads, ct), options.Threads, ct);
        var values = Resampling.Run(plan, exchanges, options.Threads, work, ct);
        return [.. measured.Select((_, n) => observed.Estimates[n].Value is null ? (double?)null : PValue(observed.Points[n], values[n]))];
    }

    private static double PValue(double observed, double[] values)
    {
        var asLarge = 1;
        for (var i = 0; i < values.Length; i += 2)
            asLarge += Math.Abs(values[i] - values[i + 1]) >= Math.Abs(observed) - Rounding ? 1 : 0;
        return asLarge / (1.0 + (values.Length / 2));
    }

    /// <summary>A family is all pairs of a number of the summary; and all pairs and categories of the numbers of categories.</summary>
    private static double?[][] Adjusted(IReadOnlyList<Measured> measured, double?[][] pValues)
    {
        var adjusted = Array.ConvertAll(pValues, _ => new double?[measured.Count]);
        foreach (var family in Enumerable.Range(0, measured.Count).GroupBy(n => measured[n].CategoryId is null ? n : -1))
        {
            var members = (from n in family from pair in Enumerable.Range(0, pValues.Length) where pValues[pair][n] is not null select (Pair: pair, Number: n)).ToArray();
            var values = Holm.Adjust([.. members.Select(member => pValues[member.Pair][member.Number]!.Value)]);
            for (var i = 0; i < members.Length; i++)
                adjusted[members[i].Pair][members[i].Number] = values[i];
        }
        return adjusted;
    }

    private static bool IsBetterThan(PairDifference difference, string result)
        => difference.IsSignificant && ((difference.Second == result && difference.Difference.Value > 0) || (difference.First == result && difference.Difference.Value < 0));

    private static IEnumerable<string> WarningsOf(IReadOnlyList<Measured> measured, int pairs, StatisticsOptions options)
    {
        var smallest = 1.0 / (options.Permutations + 1);
        foreach (var family in measured.GroupBy(number => number.CategoryId is null ? number.Name : "").Select(family => (Size: family.Count() * pairs, IsOfCategories: family.Key == "")).Distinct())
        {
            if (family.Size * smallest <= 1 - options.Level)
                continue;
            var needed = Math.Ceiling(family.Size / (1 - options.Level)) - 1;
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"With {options.Permutations} permutations a single one of {family.Size} {(family.IsOfCategories ? "differences of categories" : "differences")} cannot be significant after correction; at least {needed} are needed.");
        }
    }

    /// <summary>Differences of two results, number by number.</summary>
    private sealed class PairSamples
    {
        public PairSamples(
            IReadOnlyList<Measured> measured, IReadOnlyList<Estimate> firstEstimates, IReadOnlyList<Estimate> secondEstimates, Samples first, Samples second, StatisticsOptions options)
        {
            Points = Minus(first.Point, second.Point);
            Estimates =
            [
                .. measured.Select((number, n) => Estimate.Of(
                    number, firstEstimates[n].Value - secondEstimates[n].Value, Points[n], Minus(first.Resampled[n], second.Resampled[n]), Minus(first.Deleted[n], second.Deleted[n]), options)),
            ];
        }

        public double[] Points { get; }

        public IReadOnlyList<Estimate> Estimates { get; }

        private static double[] Minus(double[] first, double[] second) => [.. first.Select((value, i) => value - second[i])];
    }
}
