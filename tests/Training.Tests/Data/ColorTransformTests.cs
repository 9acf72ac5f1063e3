using Serve.Training.Data;

namespace Serve.Training.Tests.Data;

public class ColorTransformTests
{
    [Theory]
    [InlineData(1, 1, 1, 0, 200, 100, 50)]       // nothing
    [InlineData(0.5, 1, 1, 0, 100, 50, 25)]      // darker
    [InlineData(2, 1, 1, 0, 255, 200, 100)]      // brighter, clipped
    [InlineData(1, 0, 1, 0, 60, 60, 60)]         // no contrast: the mean
    [InlineData(1, 2, 1, 0, 255, 140, 40)]       // more contrast: away from the mean, clipped
    [InlineData(1, 1, 0, 0, 124.2, 124.2, 124.2)] // no saturation: the pixel's luma
    [InlineData(1, 1, 1, 1 / 3.0, 50, 200, 100)] // hue by a third of a turn: red becomes green
    [InlineData(1, 1, 1, -1 / 3.0, 100, 50, 200)]
    [InlineData(0.5, 0, 1, 0, 30, 30, 30)]       // contrast sees the darkened mean
    public void A_colour_changes_as_each_part_says(
        double brightness, double contrast, double saturation, double hue, double red, double green, double blue)
    {
        float[] r = [200], g = [100], b = [50];

        new ColorTransform(new(brightness, contrast, saturation, hue), meanLuma: 60).Apply(r, g, b);

        Assert.Equal(red, r[0], 0.001);
        Assert.Equal(green, g[0], 0.001);
        Assert.Equal(blue, b[0], 0.001);
    }

    [Fact]
    public void Greys_stay_grey_whatever_the_hue_and_saturation()
    {
        float[] r = [90], g = [90], b = [90];

        new ColorTransform(new(1, 1, 1.7, 0.21), meanLuma: 10).Apply(r, g, b);

        Assert.All([r[0], g[0], b[0]], v => Assert.Equal(90, v, 0.001));
    }

    [Fact]
    public void A_pixel_gets_the_same_value_alone_as_in_a_long_row()
    {
        var transform = new ColorTransform(new(1.1, 0.8, 1.3, 0.05), meanLuma: 99.7);
        var random = new Random(3);
        float[] Row() => [.. Enumerable.Range(0, 37).Select(_ => (float)random.Next(256))];
        float[] r = Row(), g = Row(), b = Row();
        var (red, green, blue) = ((float[])r.Clone(), (float[])g.Clone(), (float[])b.Clone());

        transform.Apply(red, green, blue);

        for (var i = 0; i < r.Length; i++) transform.Apply(r.AsSpan(i, 1), g.AsSpan(i, 1), b.AsSpan(i, 1));
        Assert.Equal(r, red);
        Assert.Equal(g, green);
        Assert.Equal(b, blue);
    }
}
