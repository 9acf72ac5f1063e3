using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Errors;

/// <summary>Which images a gallery shows, and in which order.</summary>
public enum GalleryKind
{
    /// <summary>Images with an error, those of lowest F1 first: the order of <see cref="ImageOrder.LowestF1"/>.</summary>
    Worst,

    /// <summary>Images with objects that nothing was detected on, those with most of them first.</summary>
    Missed,

    /// <summary>Images with detections on no object, that of the highest score first.</summary>
    False,

    /// <summary>Images with objects that are taken for another category, that of the highest score first.</summary>
    Confused,
}

/// <summary>Images to look at, with what became of each object and detection.</summary>
/// <remarks>
/// Verdicts are those that the confusion matrix counts (<see cref="ConfusionMatrix"/>): a detection takes the free object that it overlaps most, of whatever category, and only
/// then are categories compared. The score from which detections are looked at is that of the highest F1, as in an <see cref="ErrorReport"/>.
/// </remarks>
public sealed class ErrorGallery
{
    private readonly Dataset dataset;
    private readonly ImagePool pool;
    private readonly OutcomeTable table;
    private readonly TakenObjects taken;
    private readonly Dictionary<long, PairGroup> groups;

    private ErrorGallery(Dataset dataset, ImagePool pool, OutcomeTable table, TakenObjects taken)
    {
        (this.dataset, this.pool, this.table, this.taken) = (dataset, pool, table, taken);
        groups = pool.Images.ToDictionary(image => pool.Input.ImageIds[image.Image]);
    }

    /// <summary>Overlap from which a detection lies on an object.</summary>
    public required double IouThreshold { get; init; }

    /// <summary>Score from which detections are looked at.</summary>
    public required double ScoreThreshold { get; init; }

    /// <summary>Judges all detections.</summary>
    /// <param name="dataset">Ground truth.</param>
    /// <param name="detections">Detections; none is allowed.</param>
    /// <param name="protocol">Says what takes part and what overlap is measured on.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result does not depend on it.</param>
    /// <param name="ct">Cancels between images and between categories.</param>
    /// <exception cref="InvalidInputException">An evaluation would refuse the input, or a mask cannot be drawn.</exception>
    public static ErrorGallery Of(Dataset dataset, DetectionTable detections, Protocol protocol, int threads = -1, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(detections);
        ArgumentNullException.ThrowIfNull(protocol);
        var options = new ErrorOptions();
        var table = OutcomeTable.Match(options.IouThreshold, protocol, dataset, detections, threads, ct);
        var score = ScoreCurves.Of(table, threads, ct).Best?.Threshold ?? 0;
        var pool = ImagePool.Of(dataset, detections, protocol, options, threads, ct);
        var overlaps = PooledOverlaps.Find(pool.Input, TakenObjects.Enough(options.IouThreshold), threads, ct);
        return new(dataset, pool, table, TakenObjects.Of(pool, overlaps, options.IouThreshold, score, threads, ct)) { IouThreshold = options.IouThreshold, ScoreThreshold = score };
    }

    /// <summary>A page of images.</summary>
    /// <param name="kind">Which images, in which order; those that are equal by that in the dataset's order, the worst by rising id.</param>
    /// <param name="category">Id of the category whose errors count; of a confusion, either of the two. Null for all.</param>
    /// <param name="offset">Place of the first, from 0.</param>
    /// <param name="limit">Most images.</param>
    /// <returns>The images, and how many there are in all.</returns>
    public (IReadOnlyList<JudgedImage> Images, int Total) Find(GalleryKind kind, long? category, int offset, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var errors = ImageErrors.Of(table, dataset, ScoreThreshold, category);
        long[] found = kind is GalleryKind.Worst
            ? [.. ImageErrors.Worst(errors, ImageOrder.LowestF1, errors.Length).Select(image => image.ImageId)]
            : [.. pool.Images.Select(image => (Image: image, Degree: DegreeOf(image, kind, category))).Where(image => image.Degree is not null)
                .OrderByDescending(image => image.Degree).Select(image => pool.Input.ImageIds[image.Image.Image])];
        var (entries, counts) = (new Dictionary<long, ImageEntry>(), errors.ToDictionary(image => image.ImageId));
        foreach (var entry in dataset.Images)
            entries[entry.Id] = entry;
        return ([.. found.Skip(offset).Take(limit).Select(id => Judged(entries[id], counts[id], groups[id]))], found.Length);
    }

    /// <summary>One image, whatever is wrong with it; null where there is no such image, or the protocol leaves it out.</summary>
    /// <param name="imageId">Its id.</param>
    public JudgedImage? Find(long imageId)
    {
        if (!groups.TryGetValue(imageId, out var group) || dataset.Images.FirstOrDefault(entry => entry.Id == imageId) is not { } entry)
            return null;
        return Judged(entry, ImageErrors.Of(table, dataset, ScoreThreshold).First(image => image.ImageId == imageId), group);
    }

    /// <summary>How much an image belongs into a gallery; null where it does not at all.</summary>
    private double? DegreeOf(PairGroup image, GalleryKind kind, long? category)
    {
        if (kind is GalleryKind.Missed)
        {
            var missed = 0;
            for (var g = image.GroundTruthStart; g < image.GroundTruthStart + image.GroundTruthCount; g++)
                missed += IsAsked(pool.GroundTruthCategories[g], category) && VerdictOf(g) is Verdict.Missed ? 1 : 0;
            return missed == 0 ? null : missed;
        }
        var wanted = kind is GalleryKind.False ? Verdict.False : Verdict.Confused;
        foreach (var d in pool.RankedOf(image))
        {
            if (VerdictOfDetection(d) == wanted && (IsAsked(pool.DetectionCategories[d], category) || (taken.By[d] >= 0 && IsAsked(pool.GroundTruthCategories[taken.By[d]], category))))
                return pool.Input.Scores[d];
        }
        return null;
    }

    private bool IsAsked(int index, long? category) => category is null || pool.CategoryIds[index] == category;

    private JudgedImage Judged(ImageEntry entry, ImageErrors errors, PairGroup image)
    {
        var (input, objects, detections) = (pool.Input, new List<JudgedObject>(), new List<JudgedDetection>());
        for (var g = image.GroundTruthStart; g < image.GroundTruthStart + image.GroundTruthCount; g++)
            objects.Add(new(input.GroundTruthRows[g], VerdictOf(g), taken.Takers[g] < 0 ? null : input.DetectionRows[taken.Takers[g]]));
        foreach (var d in pool.RankedOf(image))
        {
            if (taken.By[d] != TakenObjects.NotAsked)
                detections.Add(new(input.DetectionRows[d], VerdictOfDetection(d), taken.By[d] < 0 ? null : input.GroundTruthRows[taken.By[d]]));
        }
        return new(entry, errors, [.. objects.OrderBy(item => item.Row)], detections);
    }

    private Verdict VerdictOf(int groundTruth)
    {
        if (!pool.Counts(groundTruth))
            return Verdict.Ignored;
        return taken.Takers[groundTruth] is >= 0 and var taker ? VerdictOfDetection(taker) : Verdict.Missed;
    }

    private Verdict VerdictOfDetection(int detection) => taken.By[detection] switch
    {
        TakenObjects.None => Verdict.False,
        < 0 => Verdict.Ignored,
        var g => pool.GroundTruthCategories[g] == pool.DetectionCategories[detection] ? Verdict.Matched : Verdict.Confused,
    };
}
