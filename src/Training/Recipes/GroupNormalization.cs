using Serve.Training.Models;
using Serve.Training.Models.Rcnn;

namespace Serve.Training.Recipes;

/// <summary>Two-stage detectors whose every convolution is normalised in groups of channels.</summary>
/// <remarks>
/// Wu, He, "Group Normalization", ECCV 2018, section 4.2: GroupNorm in backbone and pyramid, a box head of four convolutions with GroupNorm and one fully connected layer;
/// none in the proposal network; no weight decay on scales and shifts.
/// Run:      ./serve train faster-rcnn-r18-gn-small --data ../shared/data/bccd --out runs/blood-cells
/// Expect:   no published figure is for this size
/// Departs:  the size, and all that <see cref="FpnFasterMaskRcnn.FasterR18Small"/> departs in
/// </remarks>
public static class GroupNormalization
{
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
}
