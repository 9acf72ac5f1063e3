namespace Serve.Training.Export;

/// <summary>The detections of one image by two implementations, matched with each other. See <see cref="ParityCheck"/> for the rule.</summary>
/// <param name="Matched">Pairs.</param>
/// <param name="Unmatched">Detections of either side without a partner.</param>
/// <param name="AtTheCut">Detections without a partner whose score is so near the cut that rounding decides.</param>
/// <param name="MaxBoxDifference">Largest difference of a coordinate in a pair, pixels.</param>
/// <param name="MaxScoreDifference">Largest difference of scores in a pair.</param>
/// <param name="MaxMaskDifference">Largest difference of a mask's probabilities in a pair; 0 without masks.</param>
internal sealed record RowComparison(int Matched, int Unmatched, int AtTheCut, double MaxBoxDifference, double MaxScoreDifference, double MaxMaskDifference)
{
    private const double MinIou = 0.5;

    /// <summary>Compares the rows, each side by falling score, with a score of at least the limit.</summary>
    public static RowComparison Of(DetectionRow[] reference, DetectionRow[] rows, double scoreLimit)
    {
        var free = rows.Where(row => IsIn(row, scoreLimit)).ToList();
        List<DetectionRow> alone = [];
        var (matched, boxDifference, scoreDifference, maskDifference) = (0, 0.0, 0.0, 0.0);
        foreach (var wanted in reference.Where(row => IsIn(row, scoreLimit)))
        {
            var partners = free.Where(row => row.Label == wanted.Label && Iou(row, wanted) >= MinIou).ToList();
            if (partners.Count == 0)
            {
                alone.Add(wanted);
                continue;
            }

            var found = partners.MaxBy(row => Iou(row, wanted));
            free.Remove(found);
            matched++;
            boxDifference = Math.Max(boxDifference, Difference(found, wanted));
            scoreDifference = Math.Max(scoreDifference, Math.Abs(found.Score - wanted.Score));
            maskDifference = Math.Max(maskDifference, Difference(found.Mask.Span, wanted.Mask.Span));
        }

        var atTheCut = CountAtTheCut(alone, rows, scoreLimit) + CountAtTheCut(free, reference, scoreLimit);
        return new RowComparison(matched, alone.Count + free.Count - atTheCut, atTheCut, boxDifference, scoreDifference, maskDifference);
    }

    private static bool IsIn(DetectionRow row, double scoreLimit) => row.Label >= 0 && row.Score >= scoreLimit;

    // The other side cuts at the limit or, where all of its rows are taken, at the last one's score: what is about there may be in or out.
    private static int CountAtTheCut(List<DetectionRow> alone, DetectionRow[] other, double scoreLimit)
    {
        var cut = other.Length > 0 && other[^1].Label >= 0 ? Math.Max(other[^1].Score, scoreLimit) : scoreLimit;
        return alone.Count(row => row.Score <= cut + ParityReport.ScoreTolerance);
    }

    private static double Difference(DetectionRow a, DetectionRow b)
        => Math.Max(Math.Max(Math.Abs(a.X1 - b.X1), Math.Abs(a.Y1 - b.Y1)), Math.Max(Math.Abs(a.X2 - b.X2), Math.Abs(a.Y2 - b.Y2)));

    // What is no number differs without limit; Math.Max keeps it.
    private static double Difference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length)
            return double.PositiveInfinity;
        var difference = 0.0;
        for (var i = 0; i < a.Length; i++)
            difference = Math.Max(difference, Math.Abs(a[i] - b[i]));
        return difference;
    }

    private static double Iou(DetectionRow a, DetectionRow b)
    {
        var width = Math.Min(a.X2, b.X2) - Math.Max(a.X1, b.X1);
        var height = Math.Min(a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1);
        if (width <= 0 || height <= 0)
            return 0;
        var intersection = (double)width * height;
        return intersection / (Area(a) + Area(b) - intersection);
    }

    private static double Area(DetectionRow row) => (double)(row.X2 - row.X1) * (row.Y2 - row.Y1);
}
