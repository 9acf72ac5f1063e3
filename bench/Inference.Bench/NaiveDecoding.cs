using Serve.Eval;

namespace Serve.Inference.Bench;

/// <summary>Reading rows of boxes and scores as one would write it first: each row's best category, a sort, and boxes compared two by two.</summary>
internal static class NaiveDecoding
{
    private sealed record Candidate(int Category, float Score, Box Box);

    /// <param name="value">Value of a location and channel: centre x, centre y, width, height, then objectness where there is one, then the categories.</param>
    /// <param name="locations">Number of locations.</param>
    /// <param name="objectness">Whether there is an objectness.</param>
    /// <param name="categories">Number of categories.</param>
    /// <param name="threshold">Score threshold.</param>
    /// <param name="iou">Threshold of suppression.</param>
    /// <param name="most">At most so many detections.</param>
    public static int Run(Func<int, int, float> value, int locations, bool objectness, int categories, double threshold, double iou, int most)
    {
        var candidates = new List<Candidate>();
        var first = objectness ? 5 : 4;
        for (var location = 0; location < locations; location++)
        {
            var best = 0;
            for (var c = 1; c < categories; c++)
            {
                if (value(location, first + c) > value(location, first + best))
                    best = c;
            }

            var score = value(location, first + best) * (objectness ? value(location, 4) : 1);
            var (x, y, w, h) = (value(location, 0), value(location, 1), value(location, 2), value(location, 3));
            if (score >= threshold)
                candidates.Add(new Candidate(best, score, new Box(x - (w / 2), y - (h / 2), x + (w / 2), y + (h / 2))));
        }

        var kept = new List<Candidate>();
        foreach (var candidate in candidates.OrderByDescending(candidate => candidate.Score))
        {
            if (!kept.Any(better => better.Category == candidate.Category && Iou(better.Box, candidate.Box) > iou))
                kept.Add(candidate);
        }

        return Math.Min(kept.Count, most);
    }

    private static double Iou(Box a, Box b)
    {
        var overlap = Math.Max(0, Math.Min(a.X2, b.X2) - Math.Max(a.X1, b.X1)) * Math.Max(0, Math.Min(a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1));
        return overlap / ((a.Width * a.Height) + (b.Width * b.Height) - overlap);
    }
}
