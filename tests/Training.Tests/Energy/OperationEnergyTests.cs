using Serve.Training.Energy;
using Serve.Training.Tracing;

namespace Serve.Training.Tests.Energy;

public sealed class OperationEnergyTests
{
    // Table 5 of "An empirical study of adder neural networks for object detection": G multiplications, G additions, mJ.
    [Theory]
    [InlineData(214.7, 214.7, 987.6)]
    [InlineData(129.9, 299.5, 750.2)]
    [InlineData(112.9, 316.5, 702.6)]
    public void Energy_is_that_of_the_paper(double multiplies, double adds, double millijoules)
        => Assert.Equal(millijoules, OperationEnergy.Float32.Millijoules(new OperationCount((long)(multiplies * 1e9), (long)(adds * 1e9))), 0.1);
}
