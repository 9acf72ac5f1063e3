using Serve.Eval.Datasets;
using Serve.Eval.Lvis;
using Serve.Eval.Tests.Coco;

namespace Serve.Eval.Tests.Lvis;

/// <summary>The LVIS protocol written for reading: everything anew for each limit, category, area range and threshold; the oracle of the property tests.</summary>
internal static class NaiveLvis
{
    public static (List<double> Precision, List<double> Recall) Evaluate(LvisScene scene)
    {
        var protocol = scene.Protocol;
        long[] ids = [.. scene.Dataset.Categories.Select(c => c.Id).Order()];
        long[][] classes = protocol.UseCategories ? [.. ids.Select(id => new[] { id })] : [ids];
        var (precision, recall) = (new List<(string, double)>(), new List<(string, double)>());
        foreach (var (limit, m) in protocol.MaxDetections.Order().Select((limit, m) => (limit, m)))
        {
            var cut = Cut(scene, limit).ToList();
            for (var k = 0; k < classes.Length; k++)
            {
                for (var a = 0; a < protocol.AreaRanges.Count; a++)
                {
                    for (var t = 0; t < protocol.IouThresholds.Count; t++)
                    {
                        var images = scene.Dataset.Images.OrderBy(i => i.Id).Select(image => (Image: image, Objects: Objects(scene, image, classes[k]), Found: Found(scene, cut, image, classes[k]))).ToList();
                        var range = protocol.AreaRanges[a];
                        var judged = images.SelectMany(i => Judge(i.Image, i.Objects, i.Found, range, Math.Min(protocol.IouThresholds[t], 1 - 1e-10))).OrderByDescending(d => d.Score).ToList();
                        var total = images.Sum(i => i.Objects.Count(g => !Ignores(g, range)));
                        var counts = NaiveEvaluator.Counts(judged);
                        recall.Add(($"{t:00}{k:00}{a:00}{m:00}", total == 0 ? -1 : counts.Select(c => c.True / total).LastOrDefault()));
                        for (var r = 0; r < protocol.RecallThresholds.Count; r++)
                        {
                            var reached = counts.Where(c => c.True / total >= protocol.RecallThresholds[r]);
                            var best = reached.Select(c => c.True / (c.False + c.True + (Math.BitIncrement(1.0) - 1))).DefaultIfEmpty(0).Max();
                            precision.Add(($"{t:00}{r:000}{k:00}{a:00}{m:00}", total == 0 ? -1 : best));
                        }
                    }
                }
            }
        }
        static List<double> InOrder(List<(string Place, double Value)> values) => [.. values.OrderBy(v => v.Place, StringComparer.Ordinal).Select(v => v.Value)];
        return (InOrder(precision), InOrder(recall));
    }

    private static IEnumerable<NaiveEvaluator.Detection> Cut(LvisScene scene, int limit) => scene.Protocol switch
    {
        { Limit: LvisLimit.Image } => scene.Detections.GroupBy(d => d.Image).SelectMany(image => image.OrderByDescending(d => d.Score).Take(limit)),
        { StrictReference: true } => scene.Detections.GroupBy(d => d.Category).SelectMany(category => category.OrderByDescending(d => d.Score).Take(limit)),
        _ => scene.Detections.Where(d => d.Width * d.Height > 0).GroupBy(d => d.Category)
            .SelectMany(category => category.OrderByDescending(d => d.Score).ThenBy(d => d.Image).Take(limit)),
    };

    private static List<GroundTruth> Objects(LvisScene scene, ImageEntry image, long[] category)
        => [.. category.SelectMany(c => scene.Dataset.GroundTruths.Where(g => g.ImageId == image.Id && g.CategoryId == c && g.Area > 0))];

    private static List<NaiveEvaluator.Detection> Found(LvisScene scene, List<NaiveEvaluator.Detection> cut, ImageEntry image, long[] category)
    {
        bool IsKnown(long c) => image.NegativeCategoryIds.Contains(c) || Objects(scene, image, [c]).Count > 0;
        return [.. category.Where(IsKnown).SelectMany(c => cut.Where(d => d.Image == image.Id && d.Category == c && d.Width * d.Height > 0)).OrderByDescending(d => d.Score)];
    }

    private static bool Ignores(GroundTruth g, AreaRange range) => g.IsIgnored || g.Area < range.Lower || g.Area > range.Upper;

    private static IEnumerable<NaiveEvaluator.Judged> Judge(
        ImageEntry image, List<GroundTruth> objects, List<NaiveEvaluator.Detection> found, AreaRange range, double threshold)
    {
        var free = objects.Select(g => true).ToList();
        foreach (var d in found)
        {
            var match = Enumerable.Range(0, objects.Count)
                .Where(g => free[g] && NaiveEvaluator.Overlap(d, objects[g] with { IsCrowd = false }) >= threshold)
                .OrderBy(g => Ignores(objects[g], range)).ThenByDescending(g => NaiveEvaluator.Overlap(d, objects[g] with { IsCrowd = false })).ThenByDescending(g => g)
                .Cast<int?>().FirstOrDefault();
            if (match is { } taken)
                free[taken] = false;
            var area = d.Width * d.Height;
            var outside = area < range.Lower || area > range.Upper;
            yield return new(d.Score, 0, match is not null, match is { } m ? Ignores(objects[m], range) : outside || image.NotExhaustiveCategoryIds.Contains(d.Category));
        }
    }
}
