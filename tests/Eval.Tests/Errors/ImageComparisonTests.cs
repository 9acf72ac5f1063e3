using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Errors;
using Serve.Eval.Statistics;

namespace Serve.Eval.Tests.Errors;

public class ImageComparisonTests
{
    private const int Images = 40;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Counts_are_those_of_a_plain_count_of_each_image(int seed)
    {
        var random = new Random(seed);
        var dataset = new Dataset(
            [.. Enumerable.Range(1, Images).Select(i => new ImageEntry(i, $"{i}.png", 100, 100))], [new(1, "cat"), new(2, "dog")],
            [.. Enumerable.Range(0, 3 * Images).Select(i => new GroundTruth(i + 1, (i / 3) + 1, (i % 2) + 1, i % 3 * 30, 0, 20, 20, 400, false))], "");
        DetectionTable[] tables = [.. Enumerable.Range(0, 3).Select(_ => Detections(dataset, random))];
        NamedResult[] results = [.. tables.Select((table, i) => new NamedResult($"{i}", Evaluator.Evaluate(dataset, table, CocoProtocol.BoundingBox, ct: Token)))];

        var compared = ImageComparison.Run(results, dataset, most: Images, ct: Token);

        var expected = Enumerable.Range(1, Images).Select(id => Plain(id, dataset, tables, compared.Results)).Where(image => Degree(image) > 0)
            .OrderByDescending(Degree).ThenBy(image => image.ImageId).ToArray();
        Assert.Equal(0.5, compared.IouThreshold);
        Assert.Equal(expected.Length, compared.Disagreeing);
        Assert.Equivalent(expected, compared.Most, strict: true);
    }

    [Fact]
    public void The_page_lists_them_after_the_differences()
    {
        var dataset = new Dataset([new(1, "<1>.png", 100, 100)], [new(1, "cat")], [new GroundTruth(1, 1, 1, 0, 0, 20, 20, 400, false)], "");
        var found = new DetectionTable();
        found.Add(1, 1, 0, 0, 20, 20, 0.5);
        NamedResult[] results = [new("a & b", Evaluator.Evaluate(dataset, found, CocoProtocol.BoundingBox, ct: Token)), new("none", Evaluator.Evaluate(dataset, new(), CocoProtocol.BoundingBox, ct: Token))];
        var comparison = PairedComparison.Run(results, new() { Resamples = 10, Permutations = 10 }, categories: dataset.Categories, ct: Token);

        var page = comparison.ToHtml("data/test", ImageComparison.Run(results, dataset, most: 5, ct: Token));

        Assert.Contains("<h1>a &amp; b and none on data/test</h1>", page, StringComparison.Ordinal);
        Assert.Contains("&lt;1&gt;.png", page, StringComparison.Ordinal);
        string[] sections = ["id=\"numbers\"", "id=\"differences\"", "id=\"categories\"", "id=\"images\"", "id=\"notes\""];
        Assert.Equal(sections.Select(section => page.IndexOf(section, StringComparison.Ordinal)).Order(), sections.Select(section => page.IndexOf(section, StringComparison.Ordinal)));
        Assert.DoesNotContain("id=\"images\"", comparison.ToHtml(), StringComparison.Ordinal);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static int Degree(ComparedImage image) => image.FoundBySome + image.Results.Max(own => own.FalsePositives) - image.Results.Min(own => own.FalsePositives);

    private static DetectionTable Detections(Dataset dataset, Random random)
    {
        var table = new DetectionTable();
        foreach (var found in dataset.GroundTruths)
        {
            // Either the object or beside all of them, so that each detection is right for one object or wrong.
            if (random.Next(3) > 0)
                table.Add(found.ImageId, found.CategoryId, found.X, random.Next(4) == 0 ? 60 : 0, 20, 20, random.NextDouble());
        }
        return table;
    }

    private static ComparedImage Plain(long id, Dataset dataset, DetectionTable[] tables, IReadOnlyList<ComparedResult> looks)
    {
        var objects = dataset.GroundTruths.Where(found => found.ImageId == id).ToArray();
        var finders = new int[objects.Length];
        var counts = tables.Zip(looks, (table, look) =>
        {
            var rows = Enumerable.Range(0, table.Count).Where(row => table.ImageIds[row] == id && table.Scores[row] >= look.ScoreThreshold).ToArray();
            var right = 0;
            for (var g = 0; g < objects.Length; g++)
            {
                var isFound = rows.Any(row => table.Y[row] == 0 && table.X[row] == objects[g].X && table.CategoryIds[row] == objects[g].CategoryId);
                (right, finders[g]) = isFound ? (right + 1, finders[g] + 1) : (right, finders[g]);
            }
            return new ComparedCounts(look.Name, right, rows.Length - right, objects.Length - right);
        }).ToArray();
        return new(id, $"{id}.png", objects.Length, finders.Count(number => number == tables.Length), finders.Count(number => number > 0 && number < tables.Length), counts);
    }
}
