using Serve.Inference.Decoding;
using Serve.Inference.Families;
using static Serve.Inference.Tests.Decoding.DecoderCase;

namespace Serve.Inference.Tests.Decoding;

/// <summary>What is not a number, and shapes that are not what the spec says.</summary>
public sealed class BrokenOutputsTests
{
    [Theory]
    [InlineData("bnc", LabelRule.Best)]
    [InlineData("bcn", LabelRule.Best)]
    [InlineData("nbc", LabelRule.Every)]
    [InlineData("bcn", LabelRule.Every)]
    public void A_score_that_is_not_a_number_never_passes_unseen(string axes, LabelRule choose)
    {
        for (var location = 0; location < 40; location++)
        {
            var spec = new DecodingSpec { Boxes = Part("boxes", "bnc"), Scores = Part("scores", axes), Choose = choose };
            var scores = new TestTensor("scores", axes, [.. axes.Select(letter => letter switch { 'b' => 1, 'n' => 40, _ => 3 })]).Fill(() => 0.1f);
            scores.At(('n', location), ('c', location % 3)) = float.NaN;

            var refused = Assert.Throws<ModelOutputException>(() => Decode(spec, [new TestTensor("boxes", "bnc", 1, 40, 4), scores], categories: 3));

            Assert.Equal($"output 'scores', row {location}: the score of category {location % 3} is NaN.", refused.Message);
        }
    }

    [Fact]
    public void An_objectness_that_is_not_a_number_is_refused()
    {
        var spec = new DecodingSpec
        {
            Boxes = Part("rows", "bnc", 0, 4),
            Objectness = Part("rows", "bnc", 4, 1),
            Scores = Part("rows", "bnc", 5),
            Score = ScoreRule.ObjectnessTimesCategory,
        };

        var refused = Assert.Throws<ModelOutputException>(() => Decode(spec, [Tensor("rows", "bnc", [1, 1, 7], 0, 0, 8, 8, float.NaN, 0, 0.5f)]));

        Assert.Equal("output 'rows', row 0: the score of category 1 is NaN.", refused.Message);
    }

    [Theory]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NaN)]
    public void A_box_that_is_not_a_number_is_refused_if_its_score_passes(float value)
    {
        var spec = new DecodingSpec { Boxes = Part("boxes", "bnc"), Scores = Part("scores", "bnc") };
        TestTensor[] tensors = [Tensor("boxes", "bnc", [1, 2, 4], 0, 0, value, 8, 0, 0, 8, 8), Tensor("scores", "bnc", [1, 2, 2], 0.3f, 0, 0.9f, 0)];

        var refused = Assert.Throws<ModelOutputException>(() => Decode(spec, tensors));

        Assert.StartsWith("output 'boxes', row 0: the box is (", refused.Message, StringComparison.Ordinal);
        Assert.Single(Decode(spec, tensors, threshold: 0.5));
    }

    [Fact]
    public void Levels_with_other_channels_are_told()
    {
        var spec = new DecodingSpec { Boxes = Part("boxes", "bnc"), Scores = new TensorPart { Outputs = ["first", "second"] } };

        var refused = Assert.Throws<ModelOutputException>(() => Decode(
            spec, [new TestTensor("boxes", "bnc", 1, 4, 4), new TestTensor("first", "bnc", 1, 2, 2), new TestTensor("second", "bnc", 1, 2, 3)]));

        Assert.Equal("output 'second' [1, 2, 3] gives 3 channels; the level before gives 2 (decoding.scores: axes 'bnc').", refused.Message);
    }

    [Fact]
    public void Shapes_that_are_not_the_specs_are_told()
    {
        var spec = new DecodingSpec { Boxes = Part("boxes", "bnc"), Scores = Part("scores", "bnc") };
        string Message(TestTensor boxes, TestTensor scores, int picture = 0)
            => Assert.Throws<ModelOutputException>(() => Decode(spec, [boxes, scores], picture: picture)).Message;

        Assert.Equal(
            "output 'boxes' [3, 4] has 2 dimensions (decoding.boxes: axes 'bnc').",
            Message(new TestTensor("boxes", "nc", 3, 4), new TestTensor("scores", "bnc", 1, 3, 2)));
        Assert.Equal(
            "output 'boxes' [1, 3, 5] gives 5 channels where 4 are expected; say from and channels (decoding.boxes: axes 'bnc').",
            Message(new TestTensor("boxes", "bnc", 1, 3, 5), new TestTensor("scores", "bnc", 1, 3, 2)));
        Assert.Equal(
            "decoding.scores: 4 locations; the boxes have 3.",
            Message(new TestTensor("boxes", "bnc", 1, 3, 4), new TestTensor("scores", "bnc", 1, 4, 2)));
        Assert.Equal(
            "decoding.scores: 3 channels stand for 3 categories; the passport lists 2.",
            Message(new TestTensor("boxes", "bnc", 1, 3, 4), new TestTensor("scores", "bnc", 1, 3, 3)));
        Assert.Equal(
            "output 'boxes' [1, 3, 4] has no picture 1.",
            Message(new TestTensor("boxes", "bnc", 1, 3, 4), new TestTensor("scores", "bnc", 1, 3, 2), picture: 1));
    }

    [Fact]
    public void Locations_that_the_grid_does_not_have_are_told()
    {
        var spec = new DecodingSpec { Boxes = Part("boxes", "bnc"), Scores = Part("scores", "bnc"), Code = BoxCode.GridExp, Grid = new GridSpec { Strides = [8, 16] } };

        var refused = Assert.Throws<ModelOutputException>(() => Decode(spec, [new TestTensor("boxes", "bnc", 1, 21, 4), new TestTensor("scores", "bnc", 1, 21, 2)]));

        Assert.Equal("the boxes have 21 locations; the grid with strides 8, 16 has 20 on an input of 32 x 32.", refused.Message);
    }

    [Fact]
    public void A_picture_without_locations_has_no_detections()
    {
        var spec = new DecodingSpec { Boxes = Part("boxes", "bnc"), Scores = Part("scores", "bnc"), Nms = new NmsSpec { Iou = 0.5 } };

        Assert.Empty(Decode(spec, [new TestTensor("boxes", "bnc", 1, 0, 4), new TestTensor("scores", "bnc", 1, 0, 2)]));
    }
}
