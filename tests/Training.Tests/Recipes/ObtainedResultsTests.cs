namespace Serve.Training.Recipes;

public sealed class ObtainedResultsTests
{
    [Fact]
    public void Runs_of_other_seeds_are_one_result()
    {
        string[] lines =
        [
            Line("atss-r18-small", seed: 1, ap: 0.40, "epochs=8"), Line("atss-r18-small", seed: 2, ap: 0.44, "epochs=8"), Line("atss-r18-small", seed: 1, ap: 0.5, "epochs=9"),
        ];

        var results = ObtainedResults.Read(lines)["atss-r18-small"].ToList();

        Assert.Equal([("epochs=8", 2), ("epochs=9", 1)], results.Select(result => (result.Options.Single(), result.Seeds)));
        var metric = results[0].Metrics.Single();
        Assert.Equal(("AP", 42.0), (metric.Name, Math.Round(metric.Mean, 9)));
        Assert.Equal(Math.Sqrt(8), metric.Deviation!.Value, 1e-9);
        Assert.Null(results[1].Metrics.Single().Deviation);
    }

    [Fact]
    public void Committed_results_are_of_recipes_that_there_are()
    {
        var lines = File.ReadLines(Path.Combine(TestFiles.Root, "bench", "results", "papers.jsonl"));

        Assert.All(ObtainedResults.Read(lines), results => Assert.NotNull(RecipeCatalogue.Find(results.Key)));
        Assert.NotEmpty(ObtainedResults.Of("faster-rcnn-r18-small"));
    }

    private static string Line(string recipe, int seed, double ap, string options)
        => FormattableString.Invariant($$$"""{"run": {"recipe": "{{{recipe}}}", "options": ["{{{options}}}"], "data": "bccd", "seed": {{{seed}}} }, "metrics": {"AP": {{{ap}}}, "APs": 0.1} }""");
}
