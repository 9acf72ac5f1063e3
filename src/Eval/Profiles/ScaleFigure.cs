using System.Globalization;
using Serve.Eval.Reports.Charts;

namespace Serve.Eval.Profiles;

/// <summary>Draws how large the objects of a dataset are: two bar charts, relative to the image and in pixels, a bar a split and bin.</summary>
internal static class ScaleFigure
{
    private const int Width = 960;
    private const int Height = 400;
    private const int PlotTop = 88;
    private const int PlotHeight = 232;
    private const int PlotWidth = 400;
    private const int LeftPlot = 64;
    private const int RightPlot = 536;
    private const double BarShare = 0.8;
    private const int MostSplits = 4;

    private const int Paper = 0xffffff;
    private const int Ink = 0x1f2933;
    private const int Faint = 0xd9dee4;
    private const int Quiet = 0x52606d;

    // Told apart by brightness as well as by hue.
    private static readonly int[] Colours = [0x1d4e89, 0xf28f3b, 0x6abfa3, 0xc8553d];

    /// <summary>The figure of some splits: at most four, the largest.</summary>
    public static Figure Of(IReadOnlyList<DatasetProfile> profiles)
    {
        ArgumentNullException.ThrowIfNull(profiles);
        var largest = profiles.OrderByDescending(profile => profile.Objects).Take(MostSplits).ToHashSet();
        var shown = profiles.Where(largest.Contains).ToArray();
        var parts = new List<FigurePart> { new FigureRectangle(0, 0, Width, Height, Paper) };
        Legend(parts, shown);
        Plot(parts, LeftPlot, [.. shown.Select(profile => profile.RelativeScale)]);
        Plot(parts, RightPlot, [.. shown.Select(profile => profile.AbsoluteScale)]);
        return new(Width, Height, $"How large the objects of {string.Join(", ", shown.Select(profile => profile.Name))} are", parts);
    }

    private static void Legend(List<FigurePart> parts, DatasetProfile[] shown)
    {
        const double charWidth = 7.2;
        var x = (double)LeftPlot;
        for (var i = 0; i < shown.Length; i++)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{shown[i].Name}: {shown[i].Objects:#,0} objects on {shown[i].Images:#,0} images");
            parts.Add(new FigureRectangle(x, 16, 12, 12, Colours[i]));
            parts.Add(new FigureText(x + 18, 27, text, 13, TextAnchor.Left, Ink));
            x += (text.Length * charWidth) + 40;
        }
    }

    private static void Plot(List<FigurePart> parts, double left, Histogram[] histograms)
    {
        var axis = histograms[0].Axis;
        var shares = ChartAxis.FromZero("share", histograms.SelectMany(histogram => Enumerable.Range(0, histogram.Counts.Count).Select(histogram.Share)));
        parts.Add(new FigureText(left + (PlotWidth / 2.0), PlotTop - 24, axis.Title, 14, TextAnchor.Middle, Ink));
        Grid(parts, left, shares);
        var binWidth = (double)PlotWidth / histograms[0].Counts.Count;
        var barWidth = BarShare * binWidth / histograms.Length;
        for (var split = 0; split < histograms.Length; split++)
        {
            for (var bin = 0; bin < histograms[split].Counts.Count; bin++)
            {
                var height = shares.Place(histograms[split].Share(bin), 0, PlotHeight);
                var x = left + (bin * binWidth) + ((1 - BarShare) * binWidth / 2) + (split * barWidth);
                if (height > 0)
                    parts.Add(new FigureRectangle(x, PlotTop + PlotHeight - height, barWidth, height, Colours[split]));
            }
        }
        parts.Add(new FigureRectangle(left, PlotTop + PlotHeight, PlotWidth, 1, Ink));
        for (var edge = 0; edge < axis.Labels.Count; edge++)
        {
            var x = left + ((edge + 1) * binWidth);
            parts.Add(new FigureRectangle(x, PlotTop + PlotHeight, 1, 5, Ink));
            parts.Add(new FigureText(x, PlotTop + PlotHeight + 20, axis.Labels[edge], 11, TextAnchor.Middle, Quiet));
        }
        var caption = axis.Unit.Length == 0 ? "edges of the bins" : $"edges of the bins, {axis.Unit}";
        parts.Add(new FigureText(left + (PlotWidth / 2.0), PlotTop + PlotHeight + 44, caption, 12, TextAnchor.Middle, Quiet));
    }

    private static void Grid(List<FigurePart> parts, double left, ChartAxis shares)
    {
        foreach (var (share, _) in shares.Ticks())
        {
            var y = shares.Place(share, PlotTop + PlotHeight, PlotTop);
            if (share > 0)
                parts.Add(new FigureRectangle(left, y, PlotWidth, 1, Faint));
            parts.Add(new FigureText(left - 8, y + 4, share.ToString("0.##%", CultureInfo.InvariantCulture), 12, TextAnchor.Right, Quiet));
        }
        parts.Add(new FigureText(left - 8, PlotTop - 10, shares.Title, 12, TextAnchor.Right, Quiet));
    }
}
