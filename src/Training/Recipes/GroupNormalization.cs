using Serve.Training.Models;
using Serve.Training.Models.Rcnn;

namespace Serve.Training.Recipes;

/// <summary>Two-stage detectors whose every convolution is normalised in groups of channels.</summary>
/// <remarks>
/// Wu, He, "Group Normalization", ECCV 2018, section 4.2: GroupNorm in backbone and pyramid, a box head of four convolutions with GroupNorm and one fully connected layer;
/// none in the proposal network; no weight decay on scales and shifts.
/// Run:      ./serve train mask-rcnn-r50-gn-2x --data ./coco --out runs/mask --set initialWeights=resnet50-gn.safetensors
///           ./serve train faster-rcnn-r18-gn-small --data ../shared/data/bccd --out runs/blood-cells
/// Expect:   the published figures of each recipe's evidence; those of COCO have not been run here, and none is for the small size
/// Departs:  all that <see cref="FpnFasterMaskRcnn.FasterR50Detectron"/> and <see cref="FpnFasterMaskRcnn.FasterR18Small"/> depart in
/// </remarks>
public static class GroupNormalization
{
    private static readonly Norm Everywhere = Norm.Group(32, exact: true);
    private static readonly RcnnOptions Small = (RcnnOptions)FpnFasterMaskRcnn.FasterR18Small.Detector;

    /// <summary>Small enough to be trained on a CPU.</summary>
    public static Recipe FasterR18Small { get; } = FpnFasterMaskRcnn.FasterR18Small with
    {
        Name = "faster-rcnn-r18-gn-small",
        Paper = "Group Normalization (Wu and He, ECCV 2018), Faster R-CNN, ResNet-18 from random weights",
        Detector = Small with
        {
            Neck = Small.Neck with { Norm = Norm.Group(32, exact: true) },
            Backbone = Small.Backbone with { Norm = Norm.Group(32, exact: true) },
            BoxHead = Small.BoxHead with { Kind = BoxHeadKind.FourConvOneFc, Channels = 64, Norm = Norm.Group(32, exact: true) },
        },
    };

    /// <summary>Mask R-CNN from ImageNet weights with GroupNorm, ResNet-50, 2x.</summary>
    public static Recipe MaskR50TwoTimes { get; } = Mask(50, 2) with { Evidence = Published(40.3, 35.7, "2x") };

    /// <summary>The same, 3x.</summary>
    public static Recipe MaskR50ThreeTimes { get; } = Mask(50, 3) with { Evidence = Published(40.8, 36.1, "3x") };

    /// <summary>The same with ResNet-101, 3x.</summary>
    public static Recipe MaskR101ThreeTimes { get; } = Mask(101, 3) with { Evidence = Published(42.3, 37.2, "3x") };

    /// <summary>Mask R-CNN from ImageNet weights with GroupNorm; the learning rate falls as Detectron's schedules do.</summary>
    /// <param name="depth">Depth of the backbone.</param>
    /// <param name="times">Number of schedules of 90,000 steps: one falls at 2/3 and 8/9, more fall 60,000 and 20,000 steps before their end.</param>
    internal static Recipe Mask(int depth, int times)
    {
        var baseline = (RcnnOptions)FpnFasterMaskRcnn.FasterR50Detectron.Detector;
        return FpnFasterMaskRcnn.FasterR50Detectron with
        {
            Name = $"mask-rcnn-r{depth}-gn-{times}x",
            Paper = $"Group Normalization (Wu and He, ECCV 2018), Mask R-CNN, ResNet-{depth}, {times}x",
            Detector = baseline with
            {
                Backbone = baseline.Backbone with { Depth = depth, Norm = Everywhere },
                Neck = baseline.Neck with { Norm = Everywhere },
                BoxHead = baseline.BoxHead with { Kind = BoxHeadKind.FourConvOneFc, Norm = Everywhere },
                Mask = new() { Norm = Everywhere },
            },
            Steps = times * 90_000,
            Schedule = FpnFasterMaskRcnn.FasterR50Detectron.Schedule with { DecayBeforeEnd = times == 1 ? [] : [60_000, 20_000] },
            Evidence = new(),
        };
    }

    private static Evidence Published(double box, double mask, string schedule) => new()
    {
        Expected = [new("AP", box, $"Detectron's model zoo, COCO minival, {schedule}"), new("mask AP", mask, "the same")],
    };
}
