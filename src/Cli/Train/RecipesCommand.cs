using System.CommandLine;
using Serve.Training.Recipes;

namespace Serve.Cli.Train;

/// <summary><c>serve recipes</c>: lists the recipes, or shows one as JSON.</summary>
internal static class RecipesCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("recipe") { Description = "Show this recipe with all its options.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("recipes", "Lists the recipes: name, paper, input, schedule.\nExample: serve recipes fcos-r18-gn") { name };
        command.SetAction(async (parsed, _) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(name) is { } one)
            {
                await output.WriteLineAsync(RecipeJson.Write(RecipeCatalogue.Find(one)));
                return 0;
            }

            var width = RecipeCatalogue.All.Max(recipe => recipe.Name.Length);
            foreach (var recipe in RecipeCatalogue.All)
            {
                await output.WriteLineAsync($"{recipe.Name.PadRight(width)} {recipe.Paper}; {recipe.TestResolution} px, batch {recipe.BatchSize}, {Duration(recipe)}");
                foreach (var result in recipe.Evidence.Expected)
                    await output.WriteLineAsync(FormattableString.Invariant($"    expected {result.Metric} {result.Value}: {result.Source}"));
                foreach (var results in ObtainedResults.Of(recipe.Name).GroupBy(result => result.Data))
                    await WriteObtainedAsync(output, results.Key, [.. results]);
            }

            return 0;
        });
        return command;
    }

    // What all runs on a dataset have in common is said once.
    private static async Task WriteObtainedAsync(TextWriter output, string data, IReadOnlyList<ObtainedResult> results)
    {
        var common = results.Select(result => result.Options).Aggregate((one, other) => [.. one.Intersect(other)]);
        await output.WriteLineAsync($"    obtained on {data}{(common.Count > 0 ? $" with {string.Join(' ', common)}" : "")}:");
        foreach (var result in results)
        {
            string[] own = [.. result.Options.Except(common)];
            var seeds = result.Seeds == 1 ? "1 seed" : $"{result.Seeds} seeds";
            await output.WriteLineAsync($"        {string.Join(", ", result.Metrics.Select(Figure))}; {seeds}{(own.Length > 0 ? $"; {string.Join(' ', own)}" : "")}");
        }
    }

    private static string Figure(ObtainedMetric metric)
        => FormattableString.Invariant($"{metric.Name} {metric.Mean:0.0}{(metric.Deviation is { } deviation ? FormattableString.Invariant($" ± {deviation:0.0}") : "")}");

    private static string Duration(Recipe recipe) => recipe.Steps is { } steps ? $"{steps} steps" : $"{recipe.Epochs} epochs";
}
