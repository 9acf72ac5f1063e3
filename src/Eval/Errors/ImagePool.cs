using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Errors;

/// <summary>
/// Detections and ground truths image by image, all categories together: who overlaps whom does not stop at a category. Sizes play no part. Positions are those
/// of <see cref="Input"/>, whose groups are images.
/// </summary>
internal sealed class ImagePool
{
    private readonly int[] ranked;
    private readonly int limit;

    private ImagePool(MatchInput input, Dataset dataset, int limit)
    {
        (Input, this.limit, ranked) = (input, limit, InFileOrder(input));
        var places = new IdIndex([.. dataset.Images.Select(image => image.Id).Distinct()]);
        Images = [.. input.Groups.OrderBy(image => places.Find(input.ImageIds[image.Image]))];
    }

    /// <summary>What takes part, a group an image.</summary>
    public MatchInput Input { get; }

    /// <summary>The groups in the order in which the dataset lists the images.</summary>
    public PairGroup[] Images { get; }

    /// <summary>Ids of the evaluated categories, ascending; -1 alone where the protocol pools them. [K]</summary>
    public required long[] CategoryIds { get; init; }

    /// <summary>Index of each detection's category. [D]</summary>
    public required int[] DetectionCategories { get; init; }

    /// <summary>Index of each ground truth's category. [G]</summary>
    public required int[] GroundTruthCategories { get; init; }

    /// <summary>Pools what takes part in an evaluation.</summary>
    /// <param name="dataset">Ground truth.</param>
    /// <param name="detections">Detections.</param>
    /// <param name="protocol">Says what takes part and what overlap is measured on.</param>
    /// <param name="options">How many detections of an image; the protocol's largest limit holds in any case.</param>
    /// <param name="threads">Most threads; -1 for one a core.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="InvalidInputException">An option or the protocol is out of range, or an evaluation would refuse the input.</exception>
    public static ImagePool Of(Dataset dataset, DetectionTable detections, Protocol protocol, ErrorOptions options, int threads, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(detections);
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(options);
        protocol.Validate();
        options.Validate();
        var categoryIds = Ascending(protocol.CategoryIds ?? [.. dataset.Categories.Select(category => category.Id)]);
        var pooled = protocol with
        {
            UseCategories = false,
            CategoryIds = categoryIds,
            MaxDetections = [protocol.MaxDetections.Max()],
            // The reference's faults are those of its ids; here nothing is found by an id.
            StrictReference = false,
        };
        var input = pooled.Prepare(dataset, detections, new(), threads, ct);
        var (places, objects, pools) = (new IdIndex(categoryIds), dataset.GroundTruths, !protocol.UseCategories);
        return new(input, dataset, options.MaxDetections ?? int.MaxValue)
        {
            CategoryIds = pools ? [-1] : categoryIds,
            DetectionCategories = Array.ConvertAll(input.DetectionRows, row => pools ? 0 : places.Find(detections.CategoryIds[row])),
            GroundTruthCategories = Array.ConvertAll(input.GroundTruthRows, row => pools ? 0 : places.Find(objects[row].CategoryId)),
        };
    }

    /// <summary>
    /// Positions of an image's detections within the limit by falling score, equal scores in file order, whatever their categories. (At the protocol's own limit
    /// the lower category comes first.)
    /// </summary>
    public ReadOnlySpan<int> RankedOf(PairGroup image) => ranked.AsSpan(image.DetectionStart, Math.Min(limit, image.DetectionCount));

    /// <summary>Positions of all detections within the limit, image after image as the dataset lists them, best first.</summary>
    public int[] Ranked()
    {
        var all = new List<int>(ranked.Length);
        foreach (var image in Images)
            all.AddRange(RankedOf(image));
        return [.. all];
    }

    /// <summary>Whether somebody has to find a ground truth.</summary>
    public bool Counts(int groundTruth) => !Input.IsIgnored[groundTruth] && !Input.IsCrowd[groundTruth];

    // The input has equal scores by category.
    private static int[] InFileOrder(MatchInput input)
    {
        var ranked = new int[input.DetectionRows.Length];
        for (var d = 0; d < ranked.Length; d++)
            ranked[d] = d;
        foreach (var image in input.Groups)
            ScoreOrder.OrderTiesByRow(ranked.AsSpan(image.DetectionStart, image.DetectionCount), input.Scores, input.DetectionRows);
        return ranked;
    }

    private static long[] Ascending(IReadOnlyList<long> ids) => [.. ids.Distinct().Order()];
}
