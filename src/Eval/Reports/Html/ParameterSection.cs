using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Html;

/// <summary>The parameters that were in force, and how to make the report again.</summary>
internal static class ParameterSection
{
    private const int MostListed = 12;

    /// <summary>The section; there always is one.</summary>
    public static HtmlSection Of(EvaluationReport report)
    {
        var text = new MarkupText().Add($"""<dl class="facts">""");
        foreach (var (name, value) in Facts(report))
            text.Add($"<div><dt>{name}</dt><dd>{value}</dd></div>");
        text.Add($"</dl>");
        if (report.Provenance?.Command is { } command)
            text.Add($"""<h3>How to reproduce</h3><pre tabindex="0"><code>{command}</code></pre>""");
        return new("parameters", "Parameters", text.ToPiece());
    }

    private static IEnumerable<(string Name, string Value)> Facts(EvaluationReport report)
    {
        var parameters = report.Parameters;
        yield return ("protocol", report.Protocol);
        yield return ("IoU thresholds", List(parameters.IouThresholds, "0.00##"));
        yield return ("detections", string.Join(", ", parameters.MaxDetections.Select(limit => limit == int.MaxValue ? "all" : ReportNumber.Text($"{limit}"))));
        yield return ("sizes", string.Join("; ", parameters.AreaRanges.Take(MostListed).Select(Range)) + (parameters.AreaRanges.Count > MostListed ? "; …" : ""));
        if (parameters.RecallThresholds.Count > 0)
            yield return ("recall points", ReportNumber.Text($"{parameters.RecallThresholds.Count}"));
        yield return ("categories", parameters.UseCategories ? parameters.CategoryIds is { } chosen ? $"{chosen.Count} chosen" : "all" : "pooled");
        if (parameters.ImageIds is { } images)
            yield return ("images", ReportNumber.Text($"{images.Count} chosen"));
        if (parameters.Sigmas is { } sigmas)
            yield return ("keypoint sigmas", List(sigmas, "0.####", all: true));
        if (parameters.DilationRatio is { } ratio)
            yield return ("boundary", ReportNumber.Text($"{ratio:0.####} of the diagonal"));
        if (parameters.InclusivePixels is { } inclusive)
            yield return ("boxes", inclusive ? "to the end of the last pixel" : "continuous");
        if (parameters.AreaSource is { } source)
            yield return ("areas", $"of the {source.ToString().ToLowerInvariant()}");
        if (parameters.FilterEmpty is true)
            yield return ("left out", "images without annotations");
        yield return ("strict reference", parameters.StrictReference ? "yes" : "no");
        if (report.Intervals is { Options: var options })
            yield return ("intervals", ReportNumber.Text($"{ReportNumber.Method(options.Method)}, {options.Level * 100:0.##}%, {options.Resamples} resamples, seed {options.Seed}"));
        yield return ("annotations", report.DatasetHash.Length == 0 ? "unknown" : $"SHA-256 {report.DatasetHash}");
        if (report.Latency is { } latency)
            yield return ("latency", ReportNumber.Text($"{latency.P50Ms:0.0} ms (90%: {latency.P90Ms:0.0} ms) of {latency.Images} pictures one by one, {latency.Device}, {latency.Provider}"));
        if (report.Provenance is not { } provenance)
            yield break;
        foreach (var origin in provenance.Origins ?? [])
        {
            yield return ("model", $"SHA-256 {origin.Model}");
            yield return ("preprocessing", $"SHA-256 {origin.Preprocessing}");
            yield return ("detected by", $"server {origin.Version}, ONNX Runtime {origin.Runtime}, {origin.Provider}");
        }
        yield return ("evaluator", $"{provenance.Program} {provenance.Version}");
    }

    private static string Range(AreaRangeReport range) => range.Measure switch
    {
        SizeMeasure.Area => ReportNumber.Text($"{range.Name} {range.Lower:0.##} to {Upper(range)} px²"),
        SizeMeasure.Scale => ReportNumber.Text($"{range.Name} {range.Lower:0.##} to {Upper(range)} px"),
        _ => ReportNumber.Text($"{range.Name} {range.Lower:0.####} to {range.Upper:0.####} of the image"),
    };

    private static string Upper(AreaRangeReport range) => range.Measure.IsUnlimited(range.Upper) ? "∞" : ReportNumber.Text($"{range.Upper:0.##}");

    private static string List(IReadOnlyList<double> values, string format, bool all = false)
    {
        string Text(double value) => value.ToString(format, System.Globalization.CultureInfo.InvariantCulture);
        return all || values.Count <= 4 ? string.Join(", ", values.Select(Text)) : $"{Text(values[0])} to {Text(values[^1])} ({values.Count})";
    }
}
