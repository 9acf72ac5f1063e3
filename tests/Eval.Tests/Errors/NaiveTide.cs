using Serve.Eval.Datasets;
using Serve.Eval.Errors;
using Serve.Eval.Tests.Coco;

namespace Serve.Eval.Tests.Errors;

/// <summary>The error breakdown written for reading, with lists of points that are made again for each repair; the oracle of the property tests.</summary>
internal static class NaiveTide
{
    private sealed class Judged(NaiveEvaluator.Detection detection, long category)
    {
        public NaiveEvaluator.Detection Detection => detection;

        public long Category => category;

        public bool IsRight { get; set; }

        public bool IsIgnored { get; set; }

        public TideError? Error { get; set; }

        public GroundTruth? Repair { get; set; }
    }

    public sealed record Numbers(double Ap, double[] Gains, int[] Counts, double AllRepaired);

    public static Numbers Of(RandomScene scene, double foreground, double background, int limit)
    {
        long CategoryOf(long id) => scene.Protocol.UseCategories ? id : -1;
        var judged = new List<Judged>();
        var (objects, found, missed) = (new List<GroundTruth>(), new List<GroundTruth>(), new List<GroundTruth>());
        foreach (var image in scene.Dataset.Images.Select(i => i.Id))
        {
            var here = scene.Dataset.GroundTruths.Where(g => g.ImageId == image).ToList();
            var wanted = here.Where(g => !g.IsCrowd).ToList();
            var seen = NaivePool.Best(scene, image, limit).Select(d => new Judged(d, CategoryOf(d.Category))).ToList();
            var taken = new List<GroundTruth>();
            foreach (var d in seen)
            {
                var best = wanted.Where(g => CategoryOf(g.CategoryId) == d.Category && !taken.Contains(g) && NaiveEvaluator.Overlap(d.Detection, g) >= foreground)
                    .OrderByDescending(g => NaiveEvaluator.Overlap(d.Detection, g)).Cast<GroundTruth?>().FirstOrDefault();
                d.IsRight = best is not null;
                if (best is { } match)
                    taken.Add(match);
                d.IsIgnored = best is null && here.Any(g => g.IsCrowd && CategoryOf(g.CategoryId) == d.Category && NaiveEvaluator.Overlap(d.Detection, g) > foreground);
            }
            var repairable = new List<GroundTruth>();
            foreach (var d in seen.Where(d => !d.IsRight))
            {
                double Overlap(GroundTruth g) => NaiveEvaluator.Overlap(d.Detection, g);
                var own = wanted.Where(g => CategoryOf(g.CategoryId) == d.Category).OrderByDescending(Overlap).ToList();
                var others = wanted.Except(own).OrderByDescending(Overlap).ToList();
                GroundTruth? target = null;
                if (own.Count > 0 && Overlap(own[0]) >= background && Overlap(own[0]) <= foreground)
                    (d.Error, target) = (TideError.Loc, own[0]);
                else if (others.Count > 0 && Overlap(others[0]) >= foreground)
                    (d.Error, target) = (TideError.Cls, others[0]);
                else if (own.Any(g => taken.Contains(g) && Overlap(g) >= foreground))
                    d.Error = TideError.Dupe;
                else
                    d.Error = wanted.All(g => Overlap(g) <= background) ? TideError.Bkg : TideError.Both;
                if (target is not { } g || taken.Contains(g) || repairable.Contains(g))
                    continue;
                d.Repair = g;
                repairable.Add(g);
            }
            judged.AddRange(seen);
            objects.AddRange(wanted);
            found.AddRange(taken);
            missed.AddRange(wanted.Except(taken).Except(repairable));
        }

        double? Precision(TideError[]? repaired, bool falseLast, List<GroundTruth> wanted)
        {
            var points = new List<(long Category, double Score, bool Right)>();
            // A repair makes the list again: first the wrong ones, then the right ones.
            foreach (var d in repaired is null ? judged : [.. judged.Where(d => !d.IsRight), .. judged.Where(d => d.IsRight)])
            {
                if (d.Error is { } error && repaired is not null && repaired.Contains(error))
                {
                    if (d.Repair is { } g)
                        points.Add((CategoryOf(g.CategoryId), d.Detection.Score, true));
                }
                else if (!d.IsIgnored)
                {
                    points.Add((d.Category, falseLast && !d.IsRight ? double.NegativeInfinity : d.Detection.Score, d.IsRight));
                }
            }
            return points.Select(p => p.Category).Union(wanted.Select(g => CategoryOf(g.CategoryId))).Order()
                .Select(k => Average([.. points.Where(p => p.Category == k).OrderByDescending(p => p.Score).Select(p => p.Right)], wanted.Count(g => CategoryOf(g.CategoryId) == k)))
                .Cast<double?>().Average();
        }

        var without = objects.Except(missed).ToList();
        double Gain(double? repaired) => Precision(null, false, objects) is { } before ? (repaired ?? 100) - before : 0;
        return new(
            Precision(null, false, objects) ?? -1,
            [
                .. Enum.GetValues<TideError>().Select(kind => Math.Max(0, Gain(Precision([kind], false, kind is TideError.Miss ? without : objects)))),
                Gain(Precision([], true, objects)),
                Gain(Precision([], false, found)),
            ],
            [.. Enum.GetValues<TideError>().Select(kind => kind is TideError.Miss ? missed.Count : judged.Count(d => d.Error == kind))],
            Precision(Enum.GetValues<TideError>(), false, without) ?? 100);
    }

    private static double Average(List<bool> right, int objects)
    {
        if (objects == 0)
            return 0;
        var curve = right.Select((_, i) => (Recall: (double)right.Take(i + 1).Count(r => r) / objects, Precision: (double)right.Take(i + 1).Count(r => r) / (i + 1))).ToList();
        return Enumerable.Range(0, 101).Average(i => curve.Where(p => p.Recall >= i / 100.0).Select(p => p.Precision).DefaultIfEmpty(0).Max()) * 100;
    }
}
