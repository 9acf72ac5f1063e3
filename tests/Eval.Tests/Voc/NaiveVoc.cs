namespace Serve.Eval.Tests.Voc;

/// <summary>The development kit's evaluation of one category, written as it is there: VOCevaldet, then the area of VOCap or the eleven points of 2007.</summary>
internal static class NaiveVoc
{
    /// <summary>Corners, inclusive.</summary>
    public readonly record struct Corners(double XMin, double YMin, double XMax, double YMax);

    public sealed record Object(long Image, Corners Box, bool Difficult);

    public sealed record Detection(long Image, Corners Box, double Confidence);

    /// <summary>Recall and average precision; null without an object to find. Detections in file order.</summary>
    public static (double Recall, double Ap)? Evaluate(IReadOnlyList<Object> objects, IEnumerable<Detection> detections, double minOverlap, bool elevenPoints)
    {
        var npos = objects.Count(o => !o.Difficult);
        if (npos == 0)
            return null;
        var taken = new bool[objects.Count];
        var (tp, fp) = (new List<double>(), new List<double>());
        foreach (var d in detections.OrderByDescending(d => d.Confidence))
        {
            var (ovmax, jmax) = (double.NegativeInfinity, -1);
            for (var j = 0; j < objects.Count; j++)
            {
                if (objects[j].Image != d.Image)
                    continue;
                var (bb, bbgt) = (d.Box, objects[j].Box);
                var iw = Math.Min(bb.XMax, bbgt.XMax) - Math.Max(bb.XMin, bbgt.XMin) + 1;
                var ih = Math.Min(bb.YMax, bbgt.YMax) - Math.Max(bb.YMin, bbgt.YMin) + 1;
                if (iw <= 0 || ih <= 0)
                    continue;
                var ua = ((bb.XMax - bb.XMin + 1) * (bb.YMax - bb.YMin + 1)) + ((bbgt.XMax - bbgt.XMin + 1) * (bbgt.YMax - bbgt.YMin + 1)) - (iw * ih);
                if (iw * ih / ua > ovmax)
                    (ovmax, jmax) = (iw * ih / ua, j);
            }
            var isDifficult = ovmax >= minOverlap && objects[jmax].Difficult;
            var isTrue = ovmax >= minOverlap && !isDifficult && !taken[jmax];
            if (isTrue)
                taken[jmax] = true;
            tp.Add((tp.Count > 0 ? tp[^1] : 0) + (isTrue ? 1 : 0));
            fp.Add((fp.Count > 0 ? fp[^1] : 0) + (isTrue || isDifficult ? 0 : 1));
        }
        double[] recall = [.. tp.Select(t => t / npos)], precision = [.. tp.Zip(fp, (t, f) => t / (f + t))];
        return (recall.LastOrDefault(), elevenPoints ? ElevenPoints(recall, precision) : Area(recall, precision));
    }

    private static double ElevenPoints(double[] recall, double[] precision)
    {
        var ap = 0.0;
        // Matlab counts 0:0.1:1 from both ends.
        foreach (var t in (double[])[0, 0.1, 2 * 0.1, 3 * 0.1, 4 * 0.1, 0.5, 1 - (4 * 0.1), 1 - (3 * 0.1), 1 - (2 * 0.1), 1 - 0.1, 1])
            ap += precision.Where((_, i) => recall[i] >= t).Aggregate(double.NaN, MatlabMax) is var p && double.IsNaN(p) ? 0 : p / 11;
        return ap;
    }

    private static double Area(double[] recall, double[] precision)
    {
        double[] mrec = [0, .. recall, 1], mpre = [0, .. precision, 0];
        for (var i = mpre.Length - 2; i >= 0; i--)
            mpre[i] = MatlabMax(mpre[i], mpre[i + 1]);
        return Enumerable.Range(1, mrec.Length - 1).Where(i => mrec[i] != mrec[i - 1]).Sum(i => (mrec[i] - mrec[i - 1]) * mpre[i]);
    }

    // Matlab's max passes over what is not a number: precision before the first detection that counts.
    private static double MatlabMax(double a, double b) => double.IsNaN(a) || b > a ? b : a;
}
