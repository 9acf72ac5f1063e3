using System.Globalization;
using System.Text.Json;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Tests.Coco;

/// <summary>Writes matches as the golden files do.</summary>
internal static class MatchRecords
{
    /// <summary>One JSON text for each category, area range and image that has an object or a detection.</summary>
    public static IEnumerable<string> Of(MatchTable matches, Dataset dataset)
    {
        var input = matches.Input;
        Table[][] tables = [.. Enumerable.Range(0, input.AreaRanges.Length).Select(a => Enumerable.Range(0, input.IouThresholds.Length).Select(
            t => new Table(matches.DetectionMatches(a, t), matches.GroundTruthMatches(a, t), matches.Outcomes(a, t))).ToArray())];
        for (var k = 0; k < input.CategoryIds.Length; k++)
        {
            for (var a = 0; a < input.AreaRanges.Length; a++)
            {
                foreach (var group in input.Groups.Where(g => g.Category == k))
                    yield return Record(input, tables, dataset, group, a);
            }
        }
    }

    /// <summary>A golden record with every score in its shortest form, as ours are: 1 for 1.0.</summary>
    public static string Normal(JsonElement record)
    {
        var scores = record.GetProperty("dtScores");
        return record.GetRawText().Replace(scores.GetRawText(), Scores(scores.EnumerateArray().Select(score => score.GetDouble())), StringComparison.Ordinal);
    }

    /// <summary>Overlap matrices, as bits, by image and category, of the groups that have both.</summary>
    public static IEnumerable<(long Image, long Category, string Overlaps)> OverlapsOf(MatchInput input)
    {
        foreach (var group in input.Groups.Where(g => g.DetectionCount > 0 && g.GroundTruthCount > 0).OrderBy(g => g.Image).ThenBy(g => g.Category))
        {
            var overlaps = new double[group.DetectionCount * group.GroundTruthCount];
            input.Overlap.Compute(group, overlaps);
            yield return (input.ImageIds[group.Image], input.CategoryIds[group.Category], string.Join(' ', overlaps.Select(BitConverter.DoubleToInt64Bits)));
        }
    }

    private sealed record Table(int[] Detections, int[] GroundTruths, Outcome[] Outcomes);

    private static string Record(MatchInput input, Table[][] tables, Dataset dataset, PairGroup group, int area)
    {
        var detections = Enumerable.Range(group.DetectionStart, group.DetectionCount).ToArray();
        var range = input.AreaRanges[area];
        var groundTruths = Enumerable.Range(group.GroundTruthStart, group.GroundTruthCount).OrderBy(g => input.Ignores(g, range)).ToArray();
        var thresholds = Enumerable.Range(0, input.IouThresholds.Length).ToArray();
        long IdOf(int groundTruth) => groundTruth < 0 ? 0 : dataset.GroundTruths[input.GroundTruthRows[groundTruth]].Id;
        long Number(int detection) => detection < 0 ? 0 : input.DetectionRows[detection] + 1;

        var ids = groundTruths.Select(IdOf);
        var detectionMatches = thresholds.Select(t => List(detections.Select(d => IdOf(tables[area][t].Detections[d]))));
        var groundTruthMatches = thresholds.Select(t => List(groundTruths.Select(g => Number(tables[area][t].GroundTruths[g]))));
        var ignored = thresholds.Select(t => List(detections.Select(d => tables[area][t].Outcomes[d].HasFlag(Outcome.Ignored) ? 1L : 0)));
        return $$"""{"img":{{input.ImageIds[group.Image]}},"cat":{{input.CategoryIds[group.Category]}},"area":{{area}},"dtIds":{{List(detections.Select(Number))}},"gtIds":{{List(ids)}},"dtScores":{{Scores(detections.Select(d => input.Scores[d]))}},"gtIgnore":{{List(groundTruths.Select(g => input.Ignores(g, range) ? 1L : 0))}},"dtMatches":[{{string.Join(',', detectionMatches)}}],"gtMatches":[{{string.Join(',', groundTruthMatches)}}],"dtIgnore":[{{string.Join(',', ignored)}}]}""";
    }

    private static string List(IEnumerable<long> numbers) => $"[{string.Join(',', numbers)}]";

    private static string Scores(IEnumerable<double> scores) => $"[{string.Join(',', scores.Select(score => score.ToString("R", CultureInfo.InvariantCulture)))}]";
}
