using Serve.Eval.Datasets;
using Serve.Eval.Metrics;
using Serve.Eval.Statistics;

namespace Serve.Eval.Errors;

/// <summary>A result, and the score from which its detections are looked at.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ScoreThreshold">Where its own F1 over all categories is highest; 0 where no detection is right.</param>
public sealed record ComparedResult(string Name, double ScoreThreshold);

/// <summary>What one result makes of an image.</summary>
/// <param name="Result">Name of the result.</param>
/// <param name="TruePositives">Detections that found an object.</param>
/// <param name="FalsePositives">Detections that found none.</param>
/// <param name="FalseNegatives">Objects that none found.</param>
public sealed record ComparedCounts(string Result, int TruePositives, int FalsePositives, int FalseNegatives);

/// <summary>What results make of an image. It tells about single images: not for others where annotations are private.</summary>
/// <param name="ImageId">The image.</param>
/// <param name="FileName">Its file; empty where the dataset names none.</param>
/// <param name="Objects">Objects that somebody has to find.</param>
/// <param name="FoundByAll">Those that every result found.</param>
/// <param name="FoundBySome">Those that some results found and others did not.</param>
/// <param name="Results">What each result makes of it, in their order.</param>
public sealed record ComparedImage(long ImageId, string FileName, int Objects, int FoundByAll, int FoundBySome, IReadOnlyList<ComparedCounts> Results);

/// <summary>The images on which results disagree.</summary>
/// <param name="IouThreshold">Overlap from which a detection has found an object.</param>
/// <param name="Results">The results.</param>
/// <param name="Disagreeing">Images on which they disagree at all.</param>
/// <param name="Most">Those on which they disagree most, in falling order.</param>
public sealed record ComparedImages(double IouThreshold, IReadOnlyList<ComparedResult> Results, int Disagreeing, IReadOnlyList<ComparedImage> Most);

/// <summary>Finds the images on which results of one dataset disagree.</summary>
/// <remarks>
/// Each result is looked at from the score on at which its own F1 is highest, for the protocol's first area range, at IoU 0.5 or the lowest evaluated threshold. How much an
/// image is disagreed on is the number of its objects that some results found and others did not, plus the difference between the most and the fewest false positives.
/// </remarks>
public static class ImageComparison
{
    private const double UsualThreshold = 0.5;

    /// <summary>Compares results image by image.</summary>
    /// <param name="results">At least two, which <see cref="PairedComparison"/> can compare.</param>
    /// <param name="dataset">Ground truth, as it was evaluated.</param>
    /// <param name="most">Most images that are listed.</param>
    /// <param name="threads">Most threads; -1 for one a core.</param>
    /// <param name="ct">Cancels between categories.</param>
    /// <exception cref="InvalidInputException">The results cannot be compared.</exception>
    public static ComparedImages Run(IReadOnlyList<NamedResult> results, Dataset dataset, int most, int threads = -1, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(dataset);
        Comparability.Require(results);
        var first = results[0].Evaluation.Matches.Input;
        var threshold = first.IouThresholds.Contains(UsualThreshold) ? UsualThreshold : first.IouThresholds.Min();
        var looks = results.Select(result => Look.At(threshold, result, dataset, threads, ct)).ToArray();
        var counts = Enumerable.Range(0, first.ImageIds.Length).Select(_ => new Counts()).ToArray();
        foreach (var group in first.Groups)
        {
            for (var g = group.GroundTruthStart; g < group.GroundTruthStart + group.GroundTruthCount; g++)
            {
                if (!first.Ignores(g, first.AreaRanges[0]))
                    counts[group.Image].Add(looks.Count(look => look.Found[g]), looks.Length);
            }
        }
        var disagreeing = Enumerable.Range(0, counts.Length).Select(i => (Image: i, Degree: counts[i].FoundBySome + Spread(looks, i))).Where(image => image.Degree > 0).ToArray();
        return new(
            threshold, [.. results.Zip(looks, (result, look) => new ComparedResult(result.Name, look.Score))], disagreeing.Length,
            [.. disagreeing.OrderByDescending(image => image.Degree).ThenBy(image => image.Image).Take(most).Select(image => Of(image.Image, counts[image.Image], results, looks))]);
    }

    private static int Spread(Look[] looks, int image) => looks.Max(look => look.Images[image].FalsePositives) - looks.Min(look => look.Images[image].FalsePositives);

    private static ComparedImage Of(int image, Counts counts, IReadOnlyList<NamedResult> results, Look[] looks)
    {
        var (id, name) = (looks[0].Images[image].ImageId, looks[0].Images[image].FileName);
        return new(id, name, counts.Objects, counts.FoundByAll, counts.FoundBySome,
            [.. results.Zip(looks, (result, look) => (result.Name, Errors: look.Images[image]))
                .Select(own => new ComparedCounts(own.Name, own.Errors.TruePositives, own.Errors.FalsePositives, own.Errors.FalseNegatives))]);
    }

    private sealed class Counts
    {
        public int Objects { get; private set; }

        public int FoundByAll { get; private set; }

        public int FoundBySome { get; private set; }

        public void Add(int finders, int results)
        {
            Objects++;
            FoundByAll += finders == results ? 1 : 0;
            FoundBySome += finders > 0 && finders < results ? 1 : 0;
        }
    }

    /// <summary>A result from its best score on.</summary>
    /// <param name="Score">The score.</param>
    /// <param name="Images">Counts of each image, by rising id.</param>
    /// <param name="Found">Whether each ground truth was found, by position, which is the same in all results.</param>
    private sealed record Look(double Score, ImageErrors[] Images, bool[] Found)
    {
        public static Look At(double threshold, NamedResult result, Dataset dataset, int threads, CancellationToken ct)
        {
            var (matches, input) = (result.Evaluation.Matches, result.Evaluation.Matches.Input);
            // The threshold is an evaluated one: nothing is matched anew, and no detection asked for.
            var table = OutcomeTable.At(threshold, result.Evaluation, dataset, new(), threads, ct);
            var score = ScoreCurves.Of(table, threads, ct).Best?.Threshold ?? 0;
            var found = new bool[input.GroundTruthRows.Length];
            foreach (var (detection, groundTruth) in matches.Pairs(0, Array.IndexOf(input.IouThresholds, threshold)))
                found[groundTruth] |= input.Scores[detection] >= score && table.Outcomes[detection] is Outcome.Matched;
            return new(score, ImageErrors.Of(table, dataset, score), found);
        }
    }
}
