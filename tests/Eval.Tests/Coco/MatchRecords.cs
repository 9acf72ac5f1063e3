using System.Globalization;
using System.Text.Json;
using Serve.Eval.Datasets;
using Serve.Eval.Lvis;
using Serve.Eval.Metrics;

namespace Serve.Eval.Tests.Coco;

/// <summary>Writes matches as the golden files do.</summary>
internal static class MatchRecords
{
    /// <summary>One JSON text for each category, area range and image that has an object or a detection.</summary>
    /// <param name="matches">Matches.</param>
    /// <param name="dataset">Ground truth.</param>
    /// <param name="numbers">The reference's number of each detection, by row.</param>
    public static IEnumerable<string> Of(MatchTable matches, Dataset dataset, int[] numbers)
    {
        var input = matches.Input;
        Table[][] tables = [.. Enumerable.Range(0, input.AreaRanges.Length).Select(a => Enumerable.Range(0, input.IouThresholds.Length).Select(
            t => new Table(matches.DetectionMatches(a, t), matches.GroundTruthMatches(a, t), matches.Outcomes(a, t))).ToArray())];
        for (var k = 0; k < input.CategoryIds.Length; k++)
        {
            for (var a = 0; a < input.AreaRanges.Length; a++)
            {
                foreach (var group in input.Groups.Where(g => g.Category == k))
                    yield return Record(input, tables, dataset, numbers, group, a);
            }
        }
    }

    /// <summary>
    /// The numbers that the reference gives to detections. COCO counts them in file order. LVIS counts image by image, in the order in which images appear in the
    /// file, and those of an image that it cuts by falling score; what is cut off has no number.
    /// </summary>
    public static int[] NumbersOf(Protocol protocol, DetectionTable detections)
    {
        var rows = Enumerable.Range(0, detections.Count).ToList();
        if (protocol is LvisProtocol lvis)
        {
            var (images, scores, limit) = (detections.ImageIds.ToArray(), detections.Scores.ToArray(), lvis.MaxDetections[0]);
            rows = [.. rows.GroupBy(row => images[row]).SelectMany(image => image.Count() <= limit ? image : image.OrderByDescending(row => scores[row]).Take(limit))];
        }
        var numbers = new int[detections.Count];
        foreach (var (row, number) in rows.Select((row, i) => (row, i + 1)))
            numbers[row] = number;
        return numbers;
    }

    /// <summary>A golden record with every score in its shortest form, as ours are: 1 for 1.0.</summary>
    public static string Normal(JsonElement record)
    {
        var scores = record.GetProperty("dtScores");
        return record.GetRawText().Replace(scores.GetRawText(), Scores(scores.EnumerateArray().Select(score => score.GetDouble())), StringComparison.Ordinal);
    }

    /// <summary>Overlap matrices by image and category, of the groups that have both.</summary>
    public static IEnumerable<(long Image, long Category, double[] Overlaps)> OverlapsOf(MatchInput input)
    {
        foreach (var group in input.Groups.Where(g => g.DetectionCount > 0 && g.GroundTruthCount > 0).OrderBy(g => g.Image).ThenBy(g => g.Category))
        {
            var overlaps = new double[group.DetectionCount * group.GroundTruthCount];
            input.Overlap.Compute(group, overlaps);
            yield return (input.ImageIds[group.Image], input.CategoryIds[group.Category], overlaps);
        }
    }

    private sealed record Table(int[] Detections, int[] GroundTruths, Outcome[] Outcomes);

    private static string Record(MatchInput input, Table[][] tables, Dataset dataset, int[] numbers, PairGroup group, int area)
    {
        var detections = Enumerable.Range(group.DetectionStart, group.DetectionCount).ToArray();
        var range = input.AreaRanges[area];
        var groundTruths = Enumerable.Range(group.GroundTruthStart, group.GroundTruthCount).OrderBy(g => input.Ignores(g, range)).ToArray();
        var thresholds = Enumerable.Range(0, input.IouThresholds.Length).ToArray();
        long IdOf(int groundTruth) => groundTruth < 0 ? 0 : dataset.GroundTruths[input.GroundTruthRows[groundTruth]].Id;
        long Number(int detection) => detection < 0 ? 0 : numbers[input.DetectionRows[detection]];

        var ids = groundTruths.Select(IdOf);
        var detectionMatches = thresholds.Select(t => List(detections.Select(d => IdOf(tables[area][t].Detections[d]))));
        var groundTruthMatches = thresholds.Select(t => List(groundTruths.Select(g => Number(tables[area][t].GroundTruths[g]))));
        var ignored = thresholds.Select(t => List(detections.Select(d => tables[area][t].Outcomes[d].HasFlag(Outcome.Ignored) ? 1L : 0)));
        return $$"""{"img":{{input.ImageIds[group.Image]}},"cat":{{input.CategoryIds[group.Category]}},"area":{{area}},"dtIds":{{List(detections.Select(Number))}},"gtIds":{{List(ids)}},"dtScores":{{Scores(detections.Select(d => input.Scores[d]))}},"gtIgnore":{{List(groundTruths.Select(g => input.Ignores(g, range) ? 1L : 0))}},"dtMatches":[{{string.Join(',', detectionMatches)}}],"gtMatches":[{{string.Join(',', groundTruthMatches)}}],"dtIgnore":[{{string.Join(',', ignored)}}]}""";
    }

    private static string List(IEnumerable<long> numbers) => $"[{string.Join(',', numbers)}]";

    private static string Scores(IEnumerable<double> scores) => $"[{string.Join(',', scores.Select(score => score.ToString("R", CultureInfo.InvariantCulture)))}]";
}
