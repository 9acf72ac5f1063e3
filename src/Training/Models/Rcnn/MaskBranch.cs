using Serve.Eval;
using Serve.Training.Boxes;
using Serve.Training.Data;
using Serve.Training.Losses;
using Serve.Training.Models.Detection;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>The part of a two-stage detector that learns masks and predicts them.</summary>
/// <remarks>
/// He et al., "Mask R-CNN", ICCV 2017. In training it sees the boxes that were drawn as objects, in inference the final detections. Several heads, where there are
/// any, predict the mean of their probabilities. Keys: <c>head.0..</c>.
/// Letters: B images, S rows each, F objects among them, D detections an image, M rows of all images together, K classes, m bins of a mask.
/// </remarks>
internal sealed class MaskBranch : nn.Module
{
    private readonly ModuleList<MaskHead> head = [];
    private readonly RoiPooler pooler;
    private readonly int categories;

    /// <param name="channels">Channels of the levels.</param>
    /// <param name="categories">K.</param>
    /// <param name="options">What a head is made of.</param>
    /// <param name="sampling">Samples of RoIAlign along an axis of a bin, 0 for as many as it has cells.</param>
    /// <param name="rules">What the dialect decides.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="init">Fills the weights.</param>
    public MaskBranch(int channels, int categories, MaskHeadOptions options, int sampling, DialectRules rules, int heads, Initialisation init) : base(nameof(MaskBranch))
    {
        this.categories = categories;
        pooler = new RoiPooler(options.PoolSize, sampling, rules);
        Size = 2 * options.PoolSize;
        for (var i = 0; i < heads; i++)
            head.Add(new MaskHead(channels, categories, options, init));
        RegisterComponents();
    }

    /// <summary>Bins of a mask along an axis.</summary>
    public int Size { get; }

    /// <summary>The loss of one head. An accelerator is asked for the number of objects.</summary>
    /// <param name="index">Which head.</param>
    /// <param name="levels">Features, finest first.</param>
    /// <param name="rows">What was drawn; only the objects are looked at.</param>
    /// <param name="targets">One entry an image, with masks.</param>
    /// <param name="sizes">[B, 2] float32 width and height of the valid part of each image.</param>
    /// <returns>A scalar in the caller's dispose scope; 0 with a gradient of 0 where there is no object.</returns>
    /// <exception cref="InvalidInputException">An image has no masks.</exception>
    public Tensor Loss(int index, IReadOnlyList<FeatureLevel> levels, RoiSamples rows, IReadOnlyList<DetectionTargets> targets, Tensor sizes)
    {
        using var scope = NewDisposeScope();
        var masks = targets.Select(target => target.Masks
            ?? throw new InvalidInputException("The detector learns masks, and the batch has none; allowed are datasets with a segmentation for each object.")).ToList();
        Tensor places;
        using (no_grad())
            places = HostRead.Places(rows.Positive);                                                          // [F, 2]
        var hasObjects = places.shape[0] > 0;
        if (!hasObjects)
            places = zeros(1, 2, dtype: int64, device: rows.Boxes.device);

        var (images, row) = (places.select(1, 0), places.select(1, 1));
        var boxes = rows.Boxes[images, row];                                                             // [F, 4]
        var logits = head[index].call(new(pooler.Pool(levels, boxes, images))).Value;                    // [F, K, m, m]
        if (!hasObjects)
            return (logits.sum() * 0).MoveToOuterDisposeScope();

        var wanted = MaskTargets.Crop(masks, sizes, boxes, images, rows.Owner[images, row], Size);
        return MaskLoss.Compute(logits, rows.Labels[images, row].clamp(max: categories - 1), wanted).MoveToOuterDisposeScope();
    }

    /// <summary>Masks of detections. Traced.</summary>
    /// <param name="levels">Features, finest first.</param>
    /// <param name="boxes">[B, D, 4] xyxy, input pixels.</param>
    /// <param name="labels">[B, D] int64, -1 in rows without a detection.</param>
    /// <returns>[B, D, m, m] probabilities of the detection's own class over its box; 0 in rows without one.</returns>
    public TracedTensor Detect(IReadOnlyList<FeatureLevel> levels, TracedTensor boxes, TracedTensor labels)
    {
        var isDetection = labels.GreaterOrEqual(labels.Like(0));                                         // [B, D]
        var places = Places.Of(isDetection);                                                             // [M, 2]
        using var work = Tracer.CountAs(places, labels.Value.numel());
        var images = places.Slice(1, 0, 1).Reshape(-1);
        var features = pooler.Pool(levels, boxes.GatherPlaces(places), images);
        var classes = labels.Maximum(labels.Like(0)).GatherPlaces(places);                               // [M]
        var own = Shapes.Concat(1, classes.Iota(0).Unsqueeze(1), classes.Unsqueeze(1));                  // [M, 2] row and class
        TracedTensor? sum = null;
        foreach (var one in head)
        {
            var probabilities = one.call(features).GatherPlaces(own).Sigmoid();                          // [M, m, m]
            sum = sum is null ? probabilities : sum + probabilities;
        }

        var mean = head.Count == 1 ? sum! : sum! * (1.0 / head.Count);
        return isDetection.Unsqueeze(2).Unsqueeze(3).Where(mean.ScatterPlaces(places, boxes), mean.Like(0));
    }
}
