using System.Globalization;
using System.Text.Json.Nodes;
using Serve.Eval.Reports.Charts;
using Serve.Eval.Reports.Html;
using Serve.Eval.Reports.Markup;
using Serve.Training.Recipes;

namespace Serve.Training.Runs;

/// <summary>
/// <c>run.html</c>: all of a run on one page that needs no other file: its curves with their schedule, so that a short training is not taken for a finished one, what was
/// trained on what, what the recipe changes, and what it has looked at.
/// </summary>
internal static class RunPage
{
    /// <summary>Writes the page and the files of its curves into the run's folder.</summary>
    public static void Write(RunFolder run)
    {
        var log = MetricsLog.Read(run.MetricsPath).ToList();
        var curves = RunCurves.Of(log);
        RunCurves.Write(curves, run.File("curves"));
        var path = run.File("run.html");
        File.WriteAllText(path + ".partial", Of(run.Recipe, run.Record, log, curves));
        File.Move(path + ".partial", path, overwrite: true);
    }

    /// <summary>The page.</summary>
    public static string Of(Recipe recipe, RunRecord record, IReadOnlyList<MetricsLine> log, IReadOnlyList<RunCurve> curves)
    {
        var step = log.Count > 0 ? log.Max(line => line.Step) : 0;
        HtmlSection[] sections =
        [
            .. new[] { Results(log), Curves(curves), Configuration(recipe, record), Changes(recipe), FirstWeights(record), Samples(log), Sessions(record) }.OfType<HtmlSection>(),
        ];
        var facts = new MarkupText().Add($"<span><b>{step:N0}</b> of {recipe.TotalSteps(record.StepsPerEpoch):N0} steps</span>")
            .Add($"<span><b>{(double)step / record.StepsPerEpoch:0.#}</b> epochs</span><span><b>{record.Parameters:N0}</b> parameters</span>").ToPiece();
        return HtmlPage.Of($"Training of {recipe.Paper}", $"{recipe.Name} on {record.Training.Name}", facts, sections, $"Serve {LibraryVersions.All["serve"]}");
    }

    private static HtmlSection? Results(IReadOnlyList<MetricsLine> log)
    {
        var evaluations = log.Where(line => line.Event == MetricsLog.Evaluation).ToList();
        if (evaluations.Count == 0)
            return null;
        var text = new MarkupText();
        foreach (var protocol in evaluations.GroupBy(line => line.Protocol))
        {
            string[] names = [.. protocol.SelectMany(line => line.Numbers.Keys).Distinct()];
            text.Add($"{HtmlTable.Of(
                $"Averaged weights on the validation split, {protocol.Key}: each evaluation of the run",
                [new("step"), .. names.Select(name => new HtmlColumn(name))],
                protocol.Select(line => (IReadOnlyList<HtmlCell>)[HtmlCell.Count(line.Step), .. names.Select(name => HtmlCell.Number(line.Numbers.TryGetValue(name, out var value) && value >= 0 ? value : null))]))}");
        }

        return new("results", "Results", text.ToPiece());
    }

    private static HtmlSection? Curves(IReadOnlyList<RunCurve> curves) => curves.Count == 0
        ? null
        : new("curves", "Curves", HtmlFigure.Row([.. curves.Select(curve => HtmlFigure.Of(curve.Title, LineChart.Draw(curve.Title, curve.X, curve.Y, curve.Series), curve.Series))]));

    // The record that makes two runs comparable: one that differs in a line here is another experiment.
    private static HtmlSection Configuration(Recipe recipe, RunRecord record)
    {
        var text = new MarkupText().Add($"""<dl class="facts">""");
        foreach (var (name, value) in Facts(recipe, record))
            text.Add($"<div><dt>{name}</dt><dd>{value}</dd></div>");
        return new("configuration", "Configuration", text.Add($"</dl>").ToPiece());
    }

    private static IEnumerable<(string Name, string Value)> Facts(Recipe recipe, RunRecord record)
    {
        yield return ("first weights", record.InitialWeights is { } imported ? $"{imported.File} ({imported.Layout})" : "random");
        yield return ("seed", Text($"{record.Seed}"));
        yield return ("trained on", Text($"{record.Training.Name}: {record.Training.Images} images, {record.Training.Objects} objects, SHA-256 {record.Training.ContentHash}"));
        yield return ("evaluated on", Text($"{record.Validation.Name}: {record.Validation.Images} images, {record.Validation.Objects} objects, SHA-256 {record.Validation.ContentHash}"));
        yield return ("batch", Text($"{recipe.BatchSize} images in {recipe.Accumulate} part(s), one process"));
        yield return ("learning rate", Text($"{recipe.Optimizer.RateFor(recipe.BatchSize):0.######}"));
        yield return ("warm-up", Text($"{recipe.Schedule.WarmupSteps} steps, {recipe.Schedule.Warmup}, from {recipe.Schedule.WarmupFactor:0.######}"));
        var total = recipe.TotalSteps(record.StepsPerEpoch);
        yield return ("falls at", FallsAt(recipe, total));
        yield return ("steps", Text($"{total}"));
        var tree = RecipeJson.ToNode(recipe);
        foreach (var part in new[] { "detector.backbone", "detector.neck", "detector.pixelMean", "detector.pixelStd", "augmentation", "optimizer" })
            yield return (part, part.Split('.').Aggregate((JsonNode?)tree, (node, name) => node?[name])?.ToJsonString() ?? "none");
    }

    private static string FallsAt(Recipe recipe, long total) => recipe.Schedule switch
    {
        { Kind: Optimization.ScheduleKind.Cosine } => "all along, as half a cosine",
        { DecayBeforeEnd.Count: > 0 } schedule => Text($"steps {string.Join(", ", schedule.DecayBeforeEnd.Select(tail => total - tail))}, to {schedule.DecayFactor} each time"),
        var schedule => Text($"steps {string.Join(", ", schedule.DecayAt.Select(share => Math.Ceiling(share * total)))}, to {schedule.DecayFactor} each time"),
    };

    private static HtmlSection Changes(Recipe recipe)
    {
        var text = new MarkupText();
        if (RecipeCatalogue.All.FirstOrDefault(known => known.Name == recipe.Name) is { } known)
        {
            var changes = RecipeJson.Differences(known.Resolve(recipe.Detector.CategoryCount), recipe);
            text.Add($"<p>{(changes.Count == 0 ? "As it stands in the catalogue." : "In the catalogue, and in this run:")}</p><ul>");
            foreach (var change in changes)
                text.Add($"<li><code>{change}</code></li>");
            text.Add($"</ul>");
            foreach (var expected in known.Evidence.Expected)
                text.Add($"""<p class="note">The paper or its authors: {expected.Metric} {expected.Value:0.####}, {expected.Source}.</p>""");
        }
        else
        {
            text.Add($"<p>Not in the catalogue under this name.</p>");
        }

        text.Add($"""<details><summary>All options</summary><pre tabindex="0"><code>{RecipeJson.Write(recipe)}</code></pre></details>""");
        return new("recipe", "Recipe", text.ToPiece());
    }

    private static HtmlSection? FirstWeights(RunRecord record) => record.InitialWeights is { } imported
        ? new("weights", "First weights", new MarkupText().Add($"""<pre tabindex="0"><code>{imported.Describe()}</code></pre>""").ToPiece())
        : null;

    private static HtmlSection? Samples(IReadOnlyList<MetricsLine> log)
    {
        if (log.LastOrDefault(line => line.Event == MetricsLog.Samples) is not { } seen)
            return null;
        var text = new MarkupText().Add($"""<dl class="facts">""");
        foreach (var (name, value) in seen.Numbers)
            text.Add($"<div><dt>{name}</dt><dd>{value:N0}</dd></div>");
        var waiting = log.Where(line => line.Event == MetricsLog.Stages && line.Numbers.ContainsKey(StepTimes.Waiting)).Select(line => line.Numbers[StepTimes.Waiting]).ToList();
        if (waiting.Count > 0)
            text.Add($"<div><dt>share of a step that waits for data</dt><dd>{waiting.Average() * 100:0.##} %</dd></div>");
        return new("samples", "Looked at", text.Add($"</dl>").ToPiece());
    }

    private static HtmlSection Sessions(RunRecord record) => new("sessions", "Sessions", HtmlTable.Of(
        "Each start of the run",
        [new("started", IsNumber: false), new("at step"), new("device", IsNumber: false), new("threads"), new("commit", IsNumber: false), new("libtorch", IsNumber: false)],
        record.Sessions.Select(session => (IReadOnlyList<HtmlCell>)
        [
            new(session.StartedAt.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)), HtmlCell.Count(session.FirstStep), new(session.Device), HtmlCell.Count(session.Threads),
            new(session.Commit), new(session.Versions.GetValueOrDefault("libtorch") ?? ""),
        ])));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
