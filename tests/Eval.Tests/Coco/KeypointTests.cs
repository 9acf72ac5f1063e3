using Serve.Eval.Coco;
using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Coco;

/// <summary>Similarity of keypoints and the rules around it, computed by hand.</summary>
public class KeypointTests
{
    // With sigma 0.5 the falloff is (2 sigma)^2 = 1, so that similarity is exp(-d^2 / (2 area)).
    private static readonly CocoProtocol Two = CocoProtocol.Keypoints with { Sigmas = [0.5, 0.5] };

    [Fact]
    public void Similarity_falls_with_the_distance_in_proportion_to_the_area()
        => Assert.Equal(Math.Exp(-1), Similarity([0, 0, 2, 0, 0, 0], [3, 4, 1, 900, 900, 1], area: 12.5), 1e-15);

    [Fact]
    public void Similarity_is_the_mean_over_labelled_keypoints_visible_or_not()
        => Assert.Equal((1 + Math.Exp(-1)) / 2, Similarity([0, 0, 1, 50, 50, 2], [0, 0, 1, 53, 54, 1], area: 12.5), 1e-15);

    [Fact]
    public void Each_keypoint_has_its_own_falloff()
        => Assert.Equal((1 + Math.Exp(-0.25)) / 2, Similarity([0, 0, 2, 50, 50, 2], [0, 0, 1, 53, 54, 1], area: 12.5, sigmas: [0.5, 1]), 1e-15);

    [Theory]
    [InlineData(-10, 20, 1)]
    [InlineData(-13, 24, 0.36787944117144233)]
    [InlineData(23, -14, 0.36787944117144233)]
    public void Object_without_labelled_keypoints_is_compared_by_its_doubled_box(double x, double y, double similarity)
    {
        // The box is 0 to 10 in both directions, the doubled one -10 to 20; outside it, 3 and 4 away.
        Assert.Equal(similarity, Similarity([0, 0, 0, 0, 0, 0], [x, y, 1, x, y, 1], area: 12.5), 1e-15);
    }

    [Fact]
    public void Object_without_labelled_keypoints_need_not_be_found()
    {
        var (dataset, detections) = Scene([0, 0, 0, 0, 0, 0], [0, 0, 1, 5, 5, 1], area: 100, labelled: 0);

        var evaluation = Evaluator.Evaluate(dataset, detections, Two, ct: Ct);

        Assert.Null(evaluation["AP"]);
        Assert.Equal([0], evaluation.Matches.DetectionMatches(0, 0));
    }

    [Fact]
    public void Pooled_categories_are_compared_unless_the_reference_is_reproduced()
    {
        var (dataset, detections) = Scene([0, 0, 2, 5, 5, 2], [0, 0, 1, 5, 5, 1], area: 100);
        var pooled = Two with { UseCategories = false };

        Assert.Equal(1, Evaluator.Evaluate(dataset, detections, pooled, ct: Ct)["AR"]);
        Assert.Equal(0, Evaluator.Evaluate(dataset, detections, pooled with { StrictReference = true }, ct: Ct)["AR"]);
    }

    [Fact]
    public void What_cannot_be_compared_is_refused()
    {
        var (dataset, detections) = Scene([0, 0, 2, 5, 5, 2], [0, 0, 1, 5, 5, 1], area: 100);
        string Fault(Dataset dataset, DetectionTable detections, CocoProtocol protocol)
            => Assert.Throws<InvalidInputException>(() => Evaluator.Evaluate(dataset, detections, protocol, ct: Ct)).Message;

        Assert.Equal(
            "annotation id 1 has 2 keypoints; there are 17 sigmas, one a keypoint (set \"sigmas\" in the parameters for other keypoints than COCO's).",
            Fault(dataset, detections, CocoProtocol.Keypoints));
        Assert.Equal(
            "detection #1 has 1 keypoints; there are 2 sigmas, one a keypoint (set \"sigmas\" in the parameters for other keypoints than COCO's).",
            Fault(dataset, Scene([0, 0, 2, 5, 5, 2], [0, 0, 1], area: 100).Detections, Two));
        Assert.Equal("annotation id 1 has no \"num_keypoints\"; coco-keypoints needs it.", Fault(Scene([0, 0, 2, 5, 5, 2], [0, 0, 1, 5, 5, 1], area: 100, labelled: -1).Dataset, detections, Two));
        Assert.Equal("the annotations have no keypoints; coco-keypoints compares keypoints.", Fault(new(dataset.Images, dataset.Categories, dataset.GroundTruths, ""), detections, Two));
        var withoutKeypoints = new DetectionTable();
        withoutKeypoints.Add(1, 1, 0, 0, 10, 10, 0.5);
        Assert.Equal("the detections have no keypoints; coco-keypoints compares keypoints.", Fault(dataset, withoutKeypoints, Two));
        Assert.Equal("coco-keypoints: Sigmas holds 0.5, 0; each keypoint needs a number above 0.", Fault(dataset, detections, Two with { Sigmas = [0.5, 0] }));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static double Similarity(double[] wanted, double[] found, double area, double[]? sigmas = null)
    {
        var (dataset, detections) = Scene(wanted, found, area);
        var input = Evaluator.Evaluate(dataset, detections, sigmas is null ? Two : Two with { Sigmas = sigmas }, ct: Ct).Matches.Input;
        var overlaps = new double[1];
        input.Overlap.Compute(Assert.Single(input.Groups), overlaps);
        return overlaps[0];
    }

    private static (Dataset Dataset, DetectionTable Detections) Scene(double[] wanted, double[] found, double area, int labelled = 2)
    {
        var (objectKeypoints, keypoints) = (new KeypointTable(), new KeypointTable());
        objectKeypoints.Add(wanted, labelled);
        keypoints.Add(found);
        var detections = new DetectionTable { Keypoints = keypoints };
        detections.Add(1, 1, 0, 0, 10, 10, 0.5);
        return (new([new(1, "", 0, 0)], [new(1, "a")], [new(1, 1, 1, 0, 0, 10, 10, area, false)], "") { Keypoints = objectKeypoints }, detections);
    }
}
