using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Eval;
using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;
using Serve.Inference.Tests.Models;
using static Serve.Inference.Tests.Decoding.DecoderCase;

namespace Serve.Inference.Tests.Decoding;

public sealed class DecodingRulesTests
{
    private static readonly GridSpec Grid = new() { Strides = [8, 16] };
    private static readonly GridSpec Anchors = new() { Strides = [8], Anchors = [[[1, 2]]] };
    private static readonly TensorPart One = Part("one", "bn");
    private static readonly DecodingSpec Plain = new() { Boxes = Part("boxes", "bnc"), Scores = Part("scores", "bnc") };

    /// <summary>Specs with one fault each.</summary>
    public static TheoryData<string, DecodingSpec> Faulty => new()
    {
        { "decoding.boxes.outputs: expected names of outputs, got []", Plain with { Boxes = Plain.Boxes with { Outputs = [] } } },
        { "decoding.boxes.axes: 'bnq' may hold b, n, c, y, x, a, k, p, each once, and 1", Plain with { Boxes = Part("boxes", "bnq") } },
        { "decoding.boxes.axes: 'bnnc' may hold b, n, c, y, x, a, k, p, each once, and 1", Plain with { Boxes = Part("boxes", "bnnc") } },
        { "decoding.scores.axes: 'byc' needs either n or y and x for the locations", Plain with { Scores = Part("scores", "byc") } },
        { "decoding.scores.axes: 'bnyxc' needs either n or y and x for the locations", Plain with { Scores = Part("scores", "bnyxc") } },
        { "decoding.scores.axes: 'bkcyx' has k, which is anchor and channel in one, beside c", Plain with { Scores = Part("scores", "bkcyx") } },
        { "decoding.scores.axes: 'bkyx' has k, which needs a grid that tells the anchors of a cell", Plain with { Scores = Part("scores", "bkyx") } },
        { "decoding.scores.from: -1 is below 0", Plain with { Scores = Part("scores", "bnc", -1) } },
        { "decoding.labels.channels: 2 lies outside 0..1", Plain with { Labels = Part("labels", "bnc", 0, 2) } },
        { "decoding.labels.axes: 'bn' has no channels, from which 5 on could be taken", Plain with { Labels = Part("labels", "bn", 5) } },
        { "decoding.scores.outputs: 3 levels; the grid has 2", Plain with { Grid = Grid, Scores = Plain.Scores with { Outputs = ["a", "b", "c"] } } },
        { "decoding.count.axes: 'bn' may hold only b, c and 1", Plain with { Count = One } },
        { "decoding.batchIndex: the boxes have an axis b, which tells the picture already", Plain with { BatchIndex = Part("one", "n") } },
        { "decoding.selected: names the category of a row; labels have to be left out", Plain with { Selected = "rows", Labels = One } },
        { "decoding.code: 'grid-exp' needs a grid", Plain with { Code = BoxCode.GridExp } },
        { "decoding.code: 'deltas' needs anchors (grid.anchors)", Plain with { Code = BoxCode.Deltas, Grid = Grid } },
        { "decoding.units: 'distances' is in input pixels or strides, not 'original'", Plain with { Code = BoxCode.Distances, Grid = Grid, Units = BoxUnits.Original } },
        { "decoding.units: 'distribution' is in strides, not 'input-normalised'", Plain with { Code = BoxCode.Distribution, Grid = Grid, Units = BoxUnits.InputNormalised } },
        { "decoding.units: 'grid-exp' gives input pixels, not 'stride'", Plain with { Code = BoxCode.GridExp, Grid = Grid, Units = BoxUnits.Stride } },
        { "decoding.units: 'stride' is for the codes distances and distribution, not 'xyxy'", Plain with { Units = BoxUnits.Stride } },
        { "decoding.variances: expected 2 numbers other than 0, got [0.1]", Plain with { Variances = [0.1] } },
        { "decoding.largestLogSize: -4 is not above 0", Plain with { LargestLogSize = -4 } },
        { "decoding.boxes.activation: 'softmax' is not for boxes of the code 'xyxy'", Plain with { Boxes = Plain.Boxes with { Activation = Activation.Softmax } } },
        { "decoding.grid.strides: expected numbers above 0, got [8, 0]", Plain with { Grid = Grid with { Strides = [8, 0] } } },
        { "decoding.grid.maps: expected width and height of 2 levels, got [[4, 4]]", Plain with { Grid = Grid with { Maps = [[4, 4]] } } },
        { "decoding.grid.anchors: expected a list for each of 2 levels, got [1] anchors", Plain with { Grid = Grid with { Anchors = [[[1, 1]]] } } },
        { "decoding.grid.anchors: an anchor is a width and a height above 0", Plain with { Grid = Anchors with { Anchors = [[[1, -1]]] } } },
        { "decoding.grid.perCell: 0 lies outside 1..1024", Plain with { Grid = Grid with { PerCell = 0 } } },
        { "decoding.score: 'root-of-product' needs objectness", Plain with { Score = ScoreRule.RootOfProduct } },
        { "decoding.score: 'category' leaves objectness unused; say what to do with it, or leave it out", Plain with { Objectness = One } },
        { "decoding.choose: 'every' needs a score a category", Plain with { Choose = LabelRule.Every, Labels = One } },
        { "decoding.background: 3 is neither 0 (the first) nor -1 (the last)", Plain with { Background = 3 } },
        { "decoding.background: labels name the category; say labelOffset", Plain with { Background = 0, Labels = One } },
        { "decoding.labels.activation: 'sigmoid' has no meaning for one channel of labels", Plain with { Labels = One with { Activation = Activation.Sigmoid } } },
        { "decoding.peakKernel: 4 is neither 0 nor an odd number up to 31", Plain with { Grid = Grid, PeakKernel = 4 } },
        { "decoding.peakKernel: 1000001 is neither 0 nor an odd number up to 31", Plain with { Grid = Grid, PeakKernel = 1_000_001 } },
        { "decoding.peakKernel: needs a grid", Plain with { PeakKernel = 3 } },
        { "decoding.nms.iou: 1.5 lies outside 0..1", Plain with { Nms = new NmsSpec { Iou = 1.5 } } },
        { "decoding.maxDetections: -1 is below 0", Plain with { MaxDetections = -1 } },
        { "decoding.masks.coefficients: are missing; prototypes need them", Plain with { Masks = new MaskSpec { Frame = MaskFrame.Prototypes, Output = "p" } } },
        { "decoding.masks.axes: 'byx' needs n, y and x, each once, and may have b, c and 1", Plain with { Masks = new MaskSpec { Frame = MaskFrame.Box, Output = "p", Axes = "byx" } } },
        { "decoding.masks.coefficients: only prototypes have them", Plain with { Masks = new MaskSpec { Frame = MaskFrame.Box, Output = "p", Axes = "bnyx", Coefficients = Part("boxes", "bnc") } } },
        { "decoding.keypoints.dimensions: 4 is neither 2 nor 3", Plain with { Keypoints = new KeypointSpec { Part = Part("k", "bnc"), Dimensions = 4 } } },
        { "decoding.keypoints.code: 'cxcywh' is none of xyxy, deltas, grid-exp, distances", Plain with { Keypoints = new KeypointSpec { Part = Part("k", "bnc"), Code = BoxCode.Cxcywh } } },
        { "decoding.keypoints.code: 'deltas' needs a grid with anchors", Plain with { Keypoints = new KeypointSpec { Part = Part("k", "bnc"), Code = BoxCode.Deltas } } },
        { "decoding.keypoints.part.axes: 'bncp' has p, the keypoints, which stand right before c", Plain with { Keypoints = new KeypointSpec { Part = Part("k", "bncp") } } },
        { "decoding.keypoints.scores.activation: 'softmax' has no meaning for scores of keypoints", Plain with { Keypoints = new KeypointSpec { Part = Part("k", "bnc"), Scores = Part("s", "bnc") with { Activation = Activation.Softmax } } } },
        { "decoding.keypoints.part.activation: 'sigmoid' is only for the score of a keypoint in the part itself, a sigmoid", Plain with { Keypoints = new KeypointSpec { Part = Part("k", "bnc") with { Activation = Activation.Sigmoid }, Scores = Part("s", "bnc"), Dimensions = 3 } } },
        { "decoding.keypoints: 10 channels of 2 each do not give 1 keypoints", Plain with { Keypoints = new KeypointSpec { Part = Part("k", "bnc", 0, 10), Names = ["nose"] } } },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public void A_fault_is_told_with_its_field(string expected, DecodingSpec spec) => Assert.Equal([expected], DecodingRules.Faults(spec));

    [Fact]
    public void A_spec_without_faults_has_none() => Assert.Empty(DecodingRules.Faults(Plain));

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var refused = Assert.Throws<InvalidInputException>(() => OutputDecoder.Create(Plain with { Background = 3, MaxDetections = -1 }, Input, Categories(1)));

        Assert.Equal("the decoding has 2 faults: decoding.background: 3 is neither 0 (the first) nor -1 (the last); decoding.maxDetections: -1 is below 0.", refused.Message);
    }

    [Fact]
    public void A_passport_with_a_faulty_decoding_is_refused()
    {
        var json = (TestPassports.Full with { Decoding = Plain with { MaxDetections = -1 } }).ToJson();

        Assert.Contains("decoding.maxDetections: -1 is below 0", Assert.Throws<InvalidInputException>(() => Passport.FromJson(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Channels_beyond_the_last_are_told_however_far()
    {
        var decoder = OutputDecoder.Create(Plain with { Boxes = Part("boxes", "bnc", int.MaxValue, 4) }, Input, Categories(2));

        Assert.Equal(
            ["output 'boxes' [1, 100, 4] has 4 channels, not 4 from 2147483647 on (decoding.boxes: axes 'bnc')"],
            decoder.Faults([new("boxes", TensorElementType.Float, [1, 100, 4], []), new("scores", TensorElementType.Float, [1, 100, 2], [])]));
    }

    [Fact]
    public void A_graph_whose_outputs_do_not_fit_is_told_so()
    {
        var spec = new DecodingSpec { Boxes = Part("rows", "bnc", 0, 4), Scores = Part("rows", "bnc", 4), Count = Part("count", "b") };
        var decoder = OutputDecoder.Create(spec, Input, Categories(3));
        GraphTensor Output(string name, TensorElementType type, params int[] shape) => new(name, type, shape, []);

        Assert.Empty(decoder.Faults([Output("rows", TensorElementType.Float, -1, 100, 7), Output("count", TensorElementType.Int32, -1)]));
        Assert.Empty(decoder.Faults([Output("rows", TensorElementType.Float16, 1, -1, -1), Output("count", TensorElementType.Int32, 1)]));
        Assert.Equal(
            ["decoding: the graph has no output 'count'; it has 'rows' [?, 100, 6]", "decoding.scores: 2 channels stand for 2 categories; the passport lists 3"],
            decoder.Faults([Output("rows", TensorElementType.Float, -1, 100, 6)]));
        Assert.Equal(
            [
                "decoding: output 'count' holds String, which is not read as numbers",
                "output 'rows' [1, 7] has 2 dimensions (decoding.boxes: axes 'bnc')",
                "output 'rows' [1, 7] has 2 dimensions (decoding.scores: axes 'bnc')",
            ],
            decoder.Faults([Output("rows", TensorElementType.Float, -1, 7), Output("count", TensorElementType.String, 1)]));
    }
}
