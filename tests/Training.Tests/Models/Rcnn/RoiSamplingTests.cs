using Serve.Training.Boxes;
using Serve.Training.Data;
using Serve.Training.Models.Rcnn;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Rcnn;

public sealed class RoiSamplingTests
{
    private static readonly RcnnOptions Options = new() { CategoryCount = 5, RoiSamples = 8, RoiShare = 0.5 };

    [Fact]
    public void Rows_have_the_labels_and_owners_of_their_truths_and_truths_are_among_them()
    {
        using var scope = NewDisposeScope();
        var targets = Targets(crowds: []);
        var proposals = Proposals([1, 1, 41, 41], [70, 70, 90, 90], [52, 50, 92, 90], [0, 0, 0, 0]) with { Valid = tensor(new[] { true, true, true, false }, [1, 4]) };

        var rows = RoiSampling.Draw(proposals, targets, Options, seed: 1);

        var found = Enumerable.Range(0, (int)rows.Boxes.shape[1]).Where(row => rows.Valid[0, row].item<bool>()).Select(row => (
            Box: string.Join(' ', rows.Boxes[0, row].data<float>().ToArray()), Label: rows.Labels[0, row].item<long>(), Owner: rows.Owner[0, row].item<long>(),
            Positive: rows.Positive[0, row].item<bool>(), FromTruth: rows.FromTruth[0, row].item<bool>())).ToHashSet();
        Assert.Equal(5, found.Count);
        Assert.Contains(("1 1 41 41", 2L, 0L, true, false), found);
        Assert.Contains(("52 50 92 90", 4L, 1L, true, false), found);
        Assert.Contains(("0 0 40 40", 2L, 0L, true, true), found);
        Assert.Contains(("50 50 90 90", 4L, 1L, true, true), found);
        Assert.Contains(found, row => row is { Box: "70 70 90 90", Label: 5, Positive: false, FromTruth: false });
    }

    [Fact]
    public void Proposals_in_a_crowd_are_left_out_where_the_option_says_so()
    {
        using var scope = NewDisposeScope();
        var targets = Targets(crowds: [[60, 60, 100, 100]]);
        var proposals = Proposals([70, 70, 90, 90], [0, 50, 20, 70]);

        var plain = RoiSampling.Draw(proposals, targets, Options, seed: 1);
        var ruled = RoiSampling.Draw(proposals, targets, Options with { CrowdOverlap = 0.7 }, seed: 1);

        Assert.Equal((4, 3), (plain.Valid.sum().item<long>(), ruled.Valid.sum().item<long>()));
    }

    [Fact]
    public void Without_truths_added_and_without_proposals_no_row_counts()
    {
        using var scope = NewDisposeScope();
        var proposals = Proposals([0, 0, 0, 0]) with { Valid = zeros(1, 1, dtype: ScalarType.Bool) };

        var rows = RoiSampling.Draw(proposals, Targets(crowds: []), Options with { AppendTruth = false }, seed: 1);

        Assert.Equal([1, 1], rows.Valid.shape);
        Assert.False(rows.Valid.any().item<bool>());
    }

    private static ProposalSet Proposals(params float[][] boxes) => new(TestBoxes.Of(boxes).unsqueeze(0), zeros(1, boxes.Length), ones(1, boxes.Length, dtype: ScalarType.Bool));

    private static PaddedTargets Targets(float[][] crowds)
        => PaddedTargets.Of([new(TestBoxes.Of([0, 0, 40, 40], [50, 50, 90, 90]), tensor(new long[] { 2, 4 }), TestBoxes.Of(crowds))], 100, 100, CPU);
}
