using Serve.Eval.Coco;
using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Coco;

/// <summary>The COCO protocol written for reading, one definition after another; the oracle of the property tests.</summary>
internal static class NaiveEvaluator
{
    public sealed record Detection(long Image, long Category, double X, double Y, double Width, double Height, double Score);

    public sealed record Judged(double Score, int Rank, bool Matched, bool Ignored);

    public static (List<double> Precision, List<double> Recall, List<double> Scores) Evaluate(Dataset dataset, IReadOnlyList<Detection> detections, CocoProtocol protocol)
    {
        var limits = protocol.MaxDetections.Order().ToArray();
        long[]?[] classes = protocol.UseCategories ? [.. dataset.Categories.Select(c => new[] { c.Id }).OrderBy(c => c[0])] : [[.. dataset.Categories.Select(c => c.Id).Order()]];
        var (precision, recall, scores) = (new List<(string, double)>(), new List<(string, double)>(), new List<(string, double)>());
        for (var k = 0; k < classes.Length; k++)
        {
            for (var a = 0; a < protocol.AreaRanges.Count; a++)
            {
                for (var t = 0; t < protocol.IouThresholds.Count; t++)
                {
                    var range = protocol.AreaRanges[a];
                    var images = dataset.Images.Select(i => i.Id).Distinct().Order().Select(image => (
                        Objects: classes[k]!.SelectMany(c => dataset.GroundTruths.Where(g => g.ImageId == image && g.CategoryId == c)).ToList(),
                        Found: classes[k]!.SelectMany(c => detections.Where(d => d.Image == image && d.Category == c)).OrderByDescending(d => d.Score).Take(limits[^1]).ToList())).ToList();
                    var judged = images.SelectMany(i => Judge(i.Objects, i.Found, range, Math.Min(protocol.IouThresholds[t], 1 - 1e-10))).ToList();
                    var total = images.Sum(i => i.Objects.Count(g => !Ignores(g, range)));
                    for (var m = 0; m < limits.Length; m++)
                    {
                        var counts = Counts([.. judged.Where(d => d.Rank < limits[m]).OrderByDescending(d => d.Score)]);
                        recall.Add(($"{t:00}{k:00}{a:00}{m:00}", total == 0 ? -1 : counts.Select(c => c.True / total).LastOrDefault()));
                        for (var r = 0; r < protocol.RecallThresholds.Count; r++)
                        {
                            var reached = counts.Where(c => c.True / total >= protocol.RecallThresholds[r]).ToList();
                            var place = $"{t:00}{r:000}{k:00}{a:00}{m:00}";
                            precision.Add((place, total == 0 ? -1 : reached.Select(c => c.True / (c.False + c.True + (Math.BitIncrement(1.0) - 1))).DefaultIfEmpty(0).Max()));
                            scores.Add((place, total == 0 ? -1 : reached.Select(c => c.Score).FirstOrDefault()));
                        }
                    }
                }
            }
        }
        static List<double> InOrder(List<(string Place, double Value)> values) => [.. values.OrderBy(v => v.Place, StringComparer.Ordinal).Select(v => v.Value)];
        return (InOrder(precision), InOrder(recall), InOrder(scores));
    }

    private static bool Ignores(GroundTruth g, AreaRange range) => g.IsCrowd || g.Area < range.Lower || g.Area > range.Upper;

    public static List<(double True, double False, double Score)> Counts(List<Judged> judged) => [.. judged.Select((d, i) => (
        (double)judged.Take(i + 1).Count(e => e.Matched && !e.Ignored), (double)judged.Take(i + 1).Count(e => !e.Matched && !e.Ignored), d.Score))];

    private static IEnumerable<Judged> Judge(List<GroundTruth> objects, List<Detection> found, AreaRange range, double threshold)
    {
        var free = objects.Select(g => true).ToList();
        foreach (var (d, rank) in found.Select((d, rank) => (d, rank)))
        {
            // The best free object, one that counts before any that is ignored, the later among equals.
            var match = Enumerable.Range(0, objects.Count)
                .Where(g => (free[g] || objects[g].IsCrowd) && Overlap(d, objects[g]) >= threshold)
                .OrderBy(g => Ignores(objects[g], range)).ThenByDescending(g => Overlap(d, objects[g])).ThenByDescending(g => g)
                .Cast<int?>().FirstOrDefault();
            if (match is { } taken)
                free[taken] = false;
            var area = d.Width * d.Height;
            yield return new(d.Score, rank, match is not null, match is { } m ? Ignores(objects[m], range) : area < range.Lower || area > range.Upper);
        }
    }

    public static double Overlap(Detection d, GroundTruth g)
    {
        var width = Math.Max(0, Math.Min(d.X + d.Width, g.X + g.Width) - Math.Max(d.X, g.X));
        var height = Math.Max(0, Math.Min(d.Y + d.Height, g.Y + g.Height) - Math.Max(d.Y, g.Y));
        var (both, area) = (width * height, d.Width * d.Height);
        return both == 0 ? 0 : both / (g.IsCrowd ? area : area + (g.Width * g.Height) - both);
    }
}
