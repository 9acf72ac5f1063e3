using Serve.Eval.Datasets;

namespace Serve.Eval.Errors;

/// <summary>One kind of error.</summary>
/// <param name="Error">The kind.</param>
/// <param name="Gain">Points of average precision (0 to 100) gained if it were repaired everywhere, and nothing else; never negative.</param>
/// <param name="Count">How often it occurs: detections, or objects for <see cref="TideError.Miss"/>.</param>
/// <param name="Ignored">How many of these are detections that count neither way, because they lie on something that nobody has to find.</param>
public sealed record ErrorShare(TideError Error, double Gain, int Count, int Ignored);

/// <summary>The errors of one category.</summary>
/// <param name="Id">The category; -1 where categories are pooled.</param>
/// <param name="Name">Its name.</param>
/// <param name="Objects">Its objects that somebody has to find.</param>
/// <param name="Ap">Its average precision, 0 to 100; 0 with detections and no object, null with neither.</param>
/// <param name="Errors">
/// Every kind, in the order of <see cref="TideError"/>. A detection counts under its own category, an object that was missed under its own; the gain is that of
/// the breakdown if there were only this category, so it does not add up to the gain over all.
/// </param>
public sealed record CategoryErrors(long Id, string Name, int Objects, double? Ap, IReadOnlyList<ErrorShare> Errors);

/// <summary>Where average precision is lost: what each kind of error costs, found by repairing all errors of a kind and evaluating again.</summary>
/// <remarks>
/// Bolya et al., "TIDE: A General Toolbox for Identifying Object Detection Errors", ECCV 2020; the numbers are those of the published toolbox. All sizes, and
/// detections of all categories share one limit an image. A repair that leaves no category to average over has removed everything that was wrong: 100. With many
/// equal scores a gain may be too low, because a repair has the wrong ones of equal scores first; that is the toolbox's way too.
/// </remarks>
public sealed record TideBreakdown
{
    private static readonly TideError[] Kinds = Enum.GetValues<TideError>();

    /// <summary>Overlap from which an object is found.</summary>
    public required double IouThreshold { get; init; }

    /// <summary>Overlap up to which there is nothing.</summary>
    public required double BackgroundThreshold { get; init; }

    /// <summary>Most detections of an image, over all categories; the largest integer where there is no limit.</summary>
    public required int MaxDetections { get; init; }

    /// <summary>
    /// Average precision at <see cref="IouThreshold"/>, 0 to 100, over the categories with objects or detections (those without objects count as 0, unlike under
    /// COCO); null where there are neither.
    /// </summary>
    public required double? Ap { get; init; }

    /// <summary>The six kinds, in the order of <see cref="TideError"/>.</summary>
    public required IReadOnlyList<ErrorShare> Errors { get; init; }

    /// <summary>Points of average precision gained if every false positive had a score below every true one.</summary>
    public required double FalsePositiveGain { get; init; }

    /// <summary>Points of average precision gained if the objects that were not found were none; below 0 only by equal scores.</summary>
    public required double FalseNegativeGain { get; init; }

    /// <summary>Errors by category, by rising id.</summary>
    public required IReadOnlyList<CategoryErrors> Categories { get; init; }

    /// <summary>Finds what is wrong with detections, and what it costs.</summary>
    /// <param name="dataset">Ground truth.</param>
    /// <param name="detections">Detections; none is allowed.</param>
    /// <param name="protocol">Says what takes part and what overlap is measured on; its thresholds, recall points and sizes play no part.</param>
    /// <param name="options">Overlaps and the detection limit.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result does not depend on it.</param>
    /// <param name="ct">Cancels between images and between repairs.</param>
    /// <exception cref="InvalidInputException">An option is out of range, or an evaluation would refuse the input.</exception>
    public static TideBreakdown Of(
        Dataset dataset, DetectionTable detections, Protocol protocol, ErrorOptions options, int threads = -1, CancellationToken ct = default)
    {
        var pool = ImagePool.Of(dataset, detections, protocol, options, threads, ct);
        var overlaps = PooledOverlaps.Find(pool.Input, options.BackgroundThreshold, threads, ct);
        return Of(pool, overlaps, new(dataset, protocol), options.LimitOf(protocol), options, threads, ct);
    }

    /// <summary>The same of what is pooled and compared already.</summary>
    internal static TideBreakdown Of(
        ImagePool pool, PooledOverlaps overlaps, CategoryNames names, int limit, ErrorOptions options, int threads, CancellationToken ct)
    {
        var verdicts = new TideJudge(pool, overlaps, options.IouThreshold, options.BackgroundThreshold).Judge(threads, ct);
        var precision = new TidePrecision(pool, verdicts);
        var repaired = new double?[Kinds.Length + 3][];
        Parallel.For(0, repaired.Length, new() { MaxDegreeOfParallelism = threads, CancellationToken = ct }, i => repaired[i] = i < Kinds.Length
            ? precision.Without(Kinds[i])
            : (i - Kinds.Length) switch
            {
                0 => precision.AsFound(),
                1 => precision.WithoutFalsePositives(),
                _ => precision.WithoutFalseNegatives(),
            });
        var (asIs, counts) = (repaired[Kinds.Length], Count(pool, verdicts, precision));
        return new()
        {
            IouThreshold = options.IouThreshold,
            BackgroundThreshold = options.BackgroundThreshold,
            MaxDetections = limit,
            Ap = Mean(asIs),
            Errors = [.. Kinds.Select(kind => new ErrorShare(
                kind, Math.Max(0, Gain(asIs, repaired[(int)kind])), counts.Sum(c => c[(int)kind].Count), counts.Sum(c => c[(int)kind].Ignored)))],
            FalsePositiveGain = Gain(asIs, repaired[Kinds.Length + 1]),
            FalseNegativeGain = Gain(asIs, repaired[Kinds.Length + 2]),
            Categories = [.. pool.CategoryIds.Select((id, k) => new CategoryErrors(
                id, names[id], precision.Objects[k], asIs[k],
                [.. Kinds.Select(kind => new ErrorShare(
                    kind, Math.Max(0, Gain([asIs[k]], [repaired[(int)kind][k]])), counts[k][(int)kind].Count, counts[k][(int)kind].Ignored))]))],
        };
    }

    private static (int Count, int Ignored)[][] Count(ImagePool pool, TideVerdicts verdicts, TidePrecision precision)
    {
        var counts = pool.CategoryIds.Select(_ => new (int Count, int Ignored)[Kinds.Length]).ToArray();
        for (var d = 0; d < verdicts.Detections.Length; d++)
        {
            if (verdicts.Detections[d].Error is not { } error)
                continue;
            ref var count = ref counts[pool.DetectionCategories[d]][(int)error];
            count.Count++;
            count.Ignored += verdicts.Detections[d].Outcome is TideOutcome.Ignored ? 1 : 0;
        }
        for (var k = 0; k < counts.Length; k++)
            counts[k][(int)TideError.Miss].Count = precision.Missed[k];
        return counts;
    }

    private static double Gain(double?[] asIs, double?[] repaired) => Mean(asIs) is { } before ? (Mean(repaired) ?? 100) - before : 0;

    private static double? Mean(double?[] values) => values.Average();
}
