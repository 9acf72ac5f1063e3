using Serve.Eval;
using Serve.Inference.Decoding;
using Serve.Inference.Detection;
using Serve.Inference.Families;
using static Serve.Inference.Tests.Decoding.DecoderCase;

namespace Serve.Inference.Tests.Decoding;

/// <summary>Outputs that hold finished rows: which rows belong to a picture, and what their labels mean.</summary>
public sealed class RowOutputsTests
{
    private static readonly DecodingSpec Rows = new() { Boxes = Part("rows", "bnc", 0, 4), Scores = Part("rows", "bnc", 4, 1), Labels = Part("rows", "bnc", 5, 1) };

    [Fact]
    public void Only_counted_rows_are_read()
    {
        var rows = Tensor("rows", "bnc", [1, 2, 6], 0, 0, 8, 8, 0.9f, 0, 8, 8, 16, 16, 0.8f, 1);

        var found = Decode(Rows with { Count = Part("count", "b") }, [rows, Tensor("count", "b", [1], 1)]);

        Assert.Equal(new Box(0, 0, 8, 8), Assert.Single(found).Box);
    }

    [Fact]
    public void Joined_rows_of_a_picture_follow_those_of_the_pictures_before()
    {
        var rows = Tensor("rows", "nc", [3, 6], 0, 0, 8, 8, 0.9f, 0, 8, 8, 16, 16, 0.8f, 1, 1, 1, 9, 9, 0.7f, 0);
        var spec = new DecodingSpec { Boxes = Part("rows", "nc", 0, 4), Scores = Part("rows", "nc", 4, 1), Labels = Part("rows", "nc", 5, 1), Count = Part("count", "b") };

        var found = Decode(spec, [rows, Tensor("count", "b", [2], 1, 2)], picture: 1);

        Assert.Equal([0.8f, 0.7f], found.Select(detection => detection.Score));
    }

    [Fact]
    public void Rows_that_name_their_picture_are_read_for_that_picture_only()
    {
        var rows = Tensor("rows", "nc", [3, 7], 0, 0, 0, 8, 8, 0, 0.9f, 1, 8, 8, 16, 16, 1, 0.8f, 0, 1, 1, 9, 9, 0, 0.7f);
        var spec = new DecodingSpec
        {
            BatchIndex = Part("rows", "nc", 0, 1),
            Boxes = Part("rows", "nc", 1, 4),
            Labels = Part("rows", "nc", 5, 1),
            Scores = Part("rows", "nc", 6, 1),
        };

        Assert.Equal([0.9f, 0.7f], Decode(spec, [rows], picture: 0).Select(detection => detection.Score));
        Assert.Equal([0.8f], Decode(spec, [rows], picture: 1).Select(detection => detection.Score));
        Assert.Empty(Decode(spec, [rows], picture: 2));
    }

    [Fact]
    public void Selected_rows_are_the_detections()
    {
        var spec = new DecodingSpec { Boxes = Part("boxes", "bnc"), Scores = Part("scores", "bcn"), Selected = "selected" };
        TestTensor[] tensors =
        [
            Tensor("boxes", "bnc", [1, 3, 4], 0, 0, 8, 8, 4, 4, 20, 20, 1, 1, 9, 9),
            Tensor("scores", "bcn", [1, 2, 3], 0.1f, 0.6f, 0.9f, 0.2f, 0.7f, 0.8f),
            Tensor("selected", "mc", [2, 3], 0, 1, 1, 0, 0, 2),
        ];

        var found = Decode(spec, tensors);

        Assert.Equal([("c0", 0.9f), ("c1", 0.7f)], found.Select(detection => (detection.Category.Name, detection.Score)));
    }

    [Fact]
    public void A_selected_row_beyond_the_scores_is_refused()
    {
        var spec = new DecodingSpec { Boxes = Part("boxes", "bnc"), Scores = Part("scores", "bcn"), Selected = "selected" };

        var refused = Assert.Throws<ModelOutputException>(() => Decode(
            spec, [new TestTensor("boxes", "bnc", 1, 3, 4), new TestTensor("scores", "bcn", 1, 2, 3), Tensor("selected", "mc", [1, 3], 0, 1, 3)]));

        Assert.Equal("output 'selected', row 0: category 1, location 3; there are 2 and 3.", refused.Message);
    }

    [Fact]
    public void Labels_below_the_offset_are_empty_rows_whatever_they_hold()
    {
        var rows = Tensor("rows", "bnc", [1, 2, 6], 0, 0, 8, 8, float.NaN, 0, 8, 8, 16, 16, 0.8f, 1);

        var found = Decode(Rows with { LabelOffset = 1 }, [rows]);

        Assert.Equal(("c0", 0.8f), (Assert.Single(found).Category.Name, found[0].Score));
    }

    [Fact]
    public void Labels_may_be_ids()
    {
        var rows = Tensor("rows", "bnc", [1, 1, 6], 0, 0, 8, 8, 0.9f, 2);

        Assert.Equal("c1", Assert.Single(Decode(Rows with { LabelsAreIds = true }, [rows])).Category.Name);
    }

    [Theory]
    [InlineData(false, 2, "output 'rows', row 0: the label is 2; the passport lists 2 categories.")]
    [InlineData(true, 3, "output 'rows', row 0: the passport lists no category with id 3.")]
    public void An_unknown_label_is_refused(bool ids, float label, string message)
    {
        var rows = Tensor("rows", "bnc", [1, 1, 6], 0, 0, 8, 8, 0.9f, label);

        Assert.Equal(message, Assert.Throws<ModelOutputException>(() => Decode(Rows with { LabelsAreIds = ids }, [rows])).Message);
    }

    [Fact]
    public void Keypoints_may_have_a_dimension_and_scores_of_their_own()
    {
        var spec = Rows with
        {
            Keypoints = new KeypointSpec { Part = Part("points", "bnpc"), Dimensions = 3, Scores = Part("certainty", "bnc") with { Activation = Activation.Sigmoid } },
        };
        TestTensor[] tensors =
        [
            Tensor("rows", "bnc", [1, 2, 6], 0, 0, 8, 8, 0.1f, 0, 8, 8, 16, 16, 0.8f, 1),
            Tensor("points", "bnpc", [1, 2, 2, 3], 0, 0, 0, 0, 0, 0, 9, 10, 1, 11, 12, 1),
            Tensor("certainty", "bnc", [1, 2, 2], 9, 9, 0, -1000),
        ];

        Assert.Equal([new Keypoint(9, 10, 0.5f), new Keypoint(11, 12, 0)], Assert.Single(Decode(spec, tensors)).Keypoints!);
    }

    [Fact]
    public void Scores_of_another_number_of_keypoints_are_told()
    {
        var spec = Rows with { Keypoints = new KeypointSpec { Part = Part("points", "bnpc"), Scores = Part("certainty", "bnc") } };

        var refused = Assert.Throws<ModelOutputException>(() => Decode(
            spec, [Tensor("rows", "bnc", [1, 1, 6], 0, 0, 8, 8, 0.9f, 0), new TestTensor("points", "bnpc", 1, 1, 2, 2), new TestTensor("certainty", "bnc", 1, 1, 3)]));

        Assert.Equal("output 'certainty' gives 3 scores for 2 keypoints.", refused.Message);
    }

    [Fact]
    public void Boxes_outside_the_picture_are_left_out_and_others_are_cut()
    {
        var rows = Tensor("rows", "bnc", [1, 2, 6], 40, 0, 50, 8, 0.9f, 0, -8, 8, 16, 99, 0.8f, 1);

        Assert.Equal(new Box(0, 8, 16, 32), Assert.Single(Decode(Rows, [rows])).Box);
    }
}
