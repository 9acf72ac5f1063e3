using Serve.Training.Export;

namespace Serve.Training.Tests.Export;

public sealed class RowComparisonTests
{
    private static readonly DetectionRow Empty = new(0, 0, 0, 0, 0, -1);

    [Fact]
    public void Equal_rows_match_in_any_order_of_near_ties()
    {
        DetectionRow a = new(0, 0, 10, 10, 0.7f, 1), b = new(50, 50, 60, 60, 0.69999f, 1);

        var found = RowComparison.Of([a, b, Empty], [b with { X1 = 50.05f }, a with { Score = 0.69998f }, Empty], 0.05);

        Assert.Equal((2, 0, 0), (found.Matched, found.Unmatched, found.AtTheCut));
        Assert.Equal(0.05, found.MaxBoxDifference, 1e-4);
        Assert.Equal(2e-5, found.MaxScoreDifference, 1e-6);
    }

    [Fact]
    public void Another_label_or_another_place_is_unmatched_on_both_sides()
    {
        DetectionRow a = new(0, 0, 10, 10, 0.7f, 1);

        Assert.Equal(2, RowComparison.Of([a, Empty], [a with { Label = 2 }, Empty], 0.05).Unmatched);
        Assert.Equal(2, RowComparison.Of([a, Empty], [a with { X1 = 7, X2 = 17 }, Empty], 0.05).Unmatched);
    }

    [Theory]
    [InlineData(0.05005f, 0, 1)]
    [InlineData(0.0502f, 1, 0)]
    public void A_score_at_the_limit_may_be_on_one_side_only(float score, int unmatched, int atTheCut)
    {
        var found = RowComparison.Of([new(0, 0, 10, 10, score, 1), Empty], [new(0, 0, 10, 10, 0.04999f, 1), Empty], 0.05);

        Assert.Equal((unmatched, atTheCut), (found.Unmatched, found.AtTheCut));
    }

    [Fact]
    public void Where_all_rows_are_taken_the_last_scores_may_differ_in_place()
    {
        DetectionRow a = new(0, 0, 10, 10, 0.7f, 1), b = new(50, 50, 60, 60, 0.5f, 1), c = new(80, 80, 90, 90, 0.50001f, 1);

        var found = RowComparison.Of([a, b], [a, c], 0.05);

        Assert.Equal((1, 0, 2), (found.Matched, found.Unmatched, found.AtTheCut));
    }

    [Fact]
    public void Masks_of_pairs_are_compared_and_nothing_that_is_no_number_passes()
    {
        DetectionRow a = new(0, 0, 10, 10, 0.7f, 1) { Mask = new[] { 0.1f, 0.9f } }, b = new(50, 50, 60, 60, 0.6f, 1) { Mask = new[] { 0.2f, 0.3f } };

        var near = RowComparison.Of([a, b], [a, b with { Mask = new[] { 0.2f, 0.32f } }], 0.05);
        var none = RowComparison.Of([a, b], [a with { Mask = new[] { 0.1f, float.NaN } }, b], 0.05);
        var other = RowComparison.Of([a], [a with { Mask = new float[3] }], 0.05);

        Assert.Equal(0.02, near.MaxMaskDifference, 1e-6);
        Assert.Equal((double.NaN, double.PositiveInfinity), (none.MaxMaskDifference, other.MaxMaskDifference));
        Assert.All([none, other], found => Assert.False((new ParityReport(1, 1, 0, 0, 0) { MaxMaskDifference = found.MaxMaskDifference }).Passed));
    }

    [Fact]
    public void Empty_sides_agree()
        => Assert.Equal(new RowComparison(0, 0, 0, 0, 0, 0), RowComparison.Of([Empty], [Empty], 0.05));
}
