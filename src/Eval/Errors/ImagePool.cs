using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Errors;

/// <summary>
/// Detections and ground truths image by image, all categories together: who overlaps whom does not stop at a category. Sizes play no part. Positions are those
/// of <see cref="Input"/>, whose groups are images.
/// </summary>
internal sealed class ImagePool
{
    private ImagePool(MatchInput input, long[] categoryIds, int[] detectionCategories, int[] groundTruthCategories)
    {
        (Input, CategoryIds, DetectionCategories, GroundTruthCategories) = (input, categoryIds, detectionCategories, groundTruthCategories);
        Ranked = InFileOrder(input);
    }

    /// <summary>What takes part, a group an image.</summary>
    public MatchInput Input { get; }

    /// <summary>Ids of the evaluated categories, ascending; -1 alone where the protocol pools them. [K]</summary>
    public long[] CategoryIds { get; }

    /// <summary>Index of each detection's category. [D]</summary>
    public int[] DetectionCategories { get; }

    /// <summary>Index of each ground truth's category. [G]</summary>
    public int[] GroundTruthCategories { get; }

    /// <summary>
    /// Positions of detections, image after image as the groups are, by falling score; equal scores in file order, whatever their categories. (At the limit of
    /// detections the lower category comes first.) [D]
    /// </summary>
    public int[] Ranked { get; }

    /// <summary>Pools what takes part in an evaluation.</summary>
    /// <param name="dataset">Ground truth.</param>
    /// <param name="detections">Detections.</param>
    /// <param name="protocol">Says what takes part and what overlap is measured on.</param>
    /// <param name="limit">Most detections of an image; null for the protocol's largest limit.</param>
    /// <param name="threads">Most threads; -1 for one a core.</param>
    /// <param name="ct">Cancels.</param>
    public static ImagePool Of(Dataset dataset, DetectionTable detections, Protocol protocol, int? limit, int threads, CancellationToken ct)
    {
        var categoryIds = Ascending(protocol.CategoryIds ?? [.. dataset.Categories.Select(category => category.Id)]);
        var pooled = protocol with
        {
            UseCategories = false,
            CategoryIds = categoryIds,
            MaxDetections = [limit ?? protocol.MaxDetections.Max()],
            // The reference's faults are those of its ids; here nothing is found by an id.
            StrictReference = false,
        };
        var input = pooled.Prepare(dataset, detections, new(), threads, ct);
        if (!protocol.UseCategories)
            return new(input, [-1], new int[input.DetectionRows.Length], new int[input.GroundTruthRows.Length]);
        var places = new IdIndex(categoryIds);
        var objects = dataset.GroundTruths;
        return new(
            input,
            categoryIds,
            Array.ConvertAll(input.DetectionRows, row => places.Find(detections.CategoryIds[row])),
            Array.ConvertAll(input.GroundTruthRows, row => places.Find(objects[row].CategoryId)));
    }

    /// <summary>Positions of an image's detections, best first.</summary>
    public ReadOnlySpan<int> RankedOf(PairGroup image) => Ranked.AsSpan(image.DetectionStart, image.DetectionCount);

    /// <summary>Whether somebody has to find a ground truth.</summary>
    public bool Counts(int groundTruth) => !Input.IsIgnored[groundTruth] && !Input.IsCrowd[groundTruth];

    // The input has equal scores by category.
    private static int[] InFileOrder(MatchInput input)
    {
        var ranked = new int[input.DetectionRows.Length];
        for (var d = 0; d < ranked.Length; d++)
            ranked[d] = d;
        foreach (var image in input.Groups)
        {
            var end = image.DetectionStart + image.DetectionCount;
            for (int from = image.DetectionStart, to; from < end; from = to)
            {
                for (to = from + 1; to < end && input.Scores[to] == input.Scores[from];)
                    to++;
                if (to - from > 1)
                    ranked.AsSpan(from, to - from).Sort((a, b) => input.DetectionRows[a].CompareTo(input.DetectionRows[b]));
            }
        }
        return ranked;
    }

    private static long[] Ascending(IReadOnlyList<long> ids) => [.. ids.Distinct().Order()];
}
