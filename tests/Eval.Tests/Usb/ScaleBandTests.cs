using Serve.Eval.Usb;

namespace Serve.Eval.Tests.Usb;

public class ScaleBandTests
{
    [Theory]
    [InlineData(24, "BandASAP(8-16-32)", 0.415037)]
    [InlineData(24, "BandASAP(16-32-64)", 0.584963)]
    [InlineData(6, "BandASAP(1-4-8)", 0.415037)]
    [InlineData(6, "BandASAP(4-8-16)", 0.584963)]
    [InlineData(2, "BandASAP(1-4-8)", 0.5)]
    [InlineData(700, "BandASAP(256-512-1024)", 0.548788)]
    [InlineData(700, "BandASAP(512-1024-100000)", 0.451212)]
    [InlineData(1, "BandASAP(1-4-8)", 0)]
    [InlineData(4, "BandASAP(1-4-8)", 1)]
    [InlineData(8, "BandASAP(1-4-8)", 0)]
    [InlineData(1e5, "BandASAP(512-1024-100000)", 1)]
    [InlineData(1.1e5, "BandASAP(512-1024-100000)", 0)]
    [InlineData(double.NaN, "BandASAP(1-4-8)", 0)]
    public void Weight_is_a_trapezoid_over_the_logarithm_of_the_scale(double scale, string band, double weight)
        => Assert.Equal(weight, ScaleBand.All.Single(b => b.Name == band).Weight(scale), 1e-6);

    [Fact]
    public void Weights_sum_to_one_from_four_pixels_on()
    {
        for (var scale = 4.0; scale <= 1e5; scale *= 1.03)
            Assert.Equal(1, ScaleBand.All.Sum(band => band.Weight(scale)), 1e-12);
    }
}
