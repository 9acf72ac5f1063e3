namespace Serve.Training.Runs;

public sealed class RunCurvesTests
{
    [Fact]
    public void Long_logs_are_drawn_as_means_of_neighbours()
    {
        var log = Enumerable.Range(1, 4000).Select(step => new MetricsLine("steps", step, "coco-bbox", new Dictionary<string, double> { ["total"] = step % 2 == 0 ? 3 : 1 })).ToList();

        var curve = Assert.Single(RunCurves.Of(log));

        var series = Assert.Single(curve.Series);
        Assert.Equal(("losses", "total", 400), (curve.Name, series.Name, series.Points.Count));
        Assert.All(series.Points, point => Assert.Equal(2, point.Y));
        Assert.Equal(4000, series.Points[^1].X);
    }

    [Fact]
    public void Protocols_have_curves_of_their_own()
    {
        MetricsLine[] log =
        [
            new("evaluation", 5, "coco-bbox", new Dictionary<string, double> { ["AP"] = 0.3, ["AP50"] = 0.5 }),
            new("evaluation", 5, "coco-segm", new Dictionary<string, double> { ["AP"] = 0.2 }),
        ];

        var curve = Assert.Single(RunCurves.Of(log));

        Assert.Equal(["coco-bbox AP", "coco-bbox AP50", "coco-segm AP"], curve.Series.Select(series => series.Name));
    }

    [Fact]
    public void Empty_log_has_no_curves() => Assert.Empty(RunCurves.Of([]));
}
