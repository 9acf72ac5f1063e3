namespace Serve.Training.Boxes;

public sealed class DialectRulesTests
{
    [Theory]
    [InlineData(DetectionDialect.Detectron2, true, 0, 0, 0)]
    [InlineData(DetectionDialect.Detectron, false, 2, 1.0 / 9, 1)]
    [InlineData(DetectionDialect.Torchvision, false, 2, 1.0 / 9, 1.0 / 9)]
    public void Dialects_pool_and_weigh_as_their_programs_do(DetectionDialect dialect, bool aligned, int sampling, double proposalBeta, double boxBeta)
    {
        var rules = DialectRules.Of(dialect);

        Assert.Equal((aligned, sampling, proposalBeta, boxBeta), (rules.AlignedPooling, rules.Sampling, rules.ProposalBeta, rules.BoxBeta));
    }

    [Fact]
    public void Only_detectron_has_anchors_of_whole_pixels()
        => Assert.Equal([DetectionDialect.Detectron], Enum.GetValues<DetectionDialect>().Where(dialect => DialectRules.Of(dialect).WholePixelAnchors));
}
