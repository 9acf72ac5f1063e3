using Serve.Eval.Coco;
using Serve.EvalCli;

namespace Serve.Cli.Tests.Evaluate;

public class ProtocolOptionsTests
{
    [Fact]
    public void A_range_of_thresholds_has_the_reference_bits()
        => Assert.Equal(CocoProtocol.BoundingBox.IouThresholds, ProtocolOptions.Thresholds("0.5:0.05:0.95"));

    [Fact]
    public void A_list_of_thresholds_is_taken_as_it_is() => Assert.Equal([0.5, 0.75], ProtocolOptions.Thresholds("0.5,0.75"));

    [Fact]
    public void A_range_of_one_threshold_has_no_step() => Assert.Equal([0.5], ProtocolOptions.Thresholds("0.5:0.05:0.5"));
}
