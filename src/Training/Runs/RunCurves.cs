using Serve.Eval.Reports.Charts;
using Serve.Inference.Drawing;

namespace Serve.Training.Runs;

/// <summary>A picture of what a run's log tells.</summary>
/// <param name="Name">Name of its files, without ending.</param>
/// <param name="Title">What it shows.</param>
/// <param name="X">Horizontal axis: steps.</param>
/// <param name="Y">Vertical axis.</param>
/// <param name="Series">The curves.</param>
internal sealed record RunCurve(string Name, string Title, ChartAxis X, ChartAxis Y, IReadOnlyList<ChartSeries> Series);

/// <summary>The curves of a run over its steps: losses, precision on the validation split, learning rate, the gradient's norm, and where the time goes.</summary>
internal static class RunCurves
{
    // More points than this are not seen in a picture of this width; each then is the mean of several lines of the log.
    private const int MostPoints = 400;

    private static readonly string[] NoLosses = ["gradientNorm", "learningRate", "imagesPerSecond"];
    private static readonly string[] Precisions = ["AP", "AP50", "AP75"];

    /// <summary>The curves of a log; those it has no numbers for are left out.</summary>
    public static IReadOnlyList<RunCurve> Of(IReadOnlyList<MetricsLine> log)
    {
        var steps = log.Where(line => line.Event == MetricsLog.Steps).ToList();
        var evaluations = log.Where(line => line.Event == MetricsLog.Evaluation).ToList();
        var stages = log.Where(line => line.Event == MetricsLog.Stages && line.Numbers.ContainsKey(StepTimes.Forward)).ToList();
        var losses = steps.SelectMany(line => line.Numbers.Keys).Distinct().Except(NoLosses);
        var protocols = evaluations.Select(line => line.Protocol).Distinct().ToList();
        var last = log.Count > 0 ? log.Max(line => line.Step) : 0;
        return
        [
            .. new[]
            {
                Curve("losses", "Losses", "mean since the last line of the log", last, losses.Select(name => Series(name, steps, name))),
                Curve("precision", "Precision on the validation split", "average precision", last, protocols.SelectMany(protocol => Precisions.Select(name => Series(
                    protocols.Count > 1 ? $"{protocol} {name}" : name, [.. evaluations.Where(line => line.Protocol == protocol)], name)))),
                Curve("learning-rate", "Learning rate", "learning rate", last, [Series("learning rate", steps, "learningRate")]),
                Curve("gradient-norm", "Norm of the gradient", "before its limit", last, [Series("norm", steps, "gradientNorm")]),
                Curve("stages", "Time of a step", "milliseconds", last, stages.SelectMany(line => line.Numbers.Keys).Distinct().Where(name => name != StepTimes.Waiting && !name.StartsWith(StepTimes.Preparing, StringComparison.Ordinal)).Select(name => Series(name, stages, name))),
            }.OfType<RunCurve>(),
        ];
    }

    /// <summary>Writes each curve as SVG and PNG.</summary>
    /// <param name="curves">The curves.</param>
    /// <param name="folder">The folder; created when missing.</param>
    public static void Write(IReadOnlyList<RunCurve> curves, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var curve in curves)
        {
            var figure = LineFigure.Draw(curve.Title, curve.X, curve.Y, curve.Series);
            File.WriteAllText(Path.Combine(folder, $"{curve.Name}.svg"), figure.ToSvg());
            File.WriteAllBytes(Path.Combine(folder, $"{curve.Name}.png"), FigureDrawing.ToPng(figure, scale: 1));
        }
    }

    private static RunCurve? Curve(string name, string title, string unit, long last, IEnumerable<ChartSeries> series)
    {
        ChartSeries[] drawn = [.. series.Where(one => one.Points.Count > 0)];
        return drawn.Length == 0
            ? null
            : new(name, title, ChartAxis.FromZero("steps", [last]), ChartAxis.FromZero(unit, drawn.SelectMany(one => one.Points.Select(point => point.Y))), drawn);
    }

    private static ChartSeries Series(string title, IReadOnlyList<MetricsLine> lines, string number)
    {
        var points = lines.Where(line => line.Numbers.ContainsKey(number)).Select(line => (X: (double)line.Step, Y: line.Numbers[number])).ToList();
        var bundle = (points.Count + MostPoints - 1) / MostPoints;
        return new(title, bundle <= 1 ? points : [.. points.Chunk(bundle).Select(some => (some[^1].X, some.Average(point => point.Y)))]);
    }
}
