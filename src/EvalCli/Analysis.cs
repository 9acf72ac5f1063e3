using Serve.Eval;
using Serve.Eval.Errors;
using Serve.Eval.Reports;
using Serve.Eval.Statistics;
using Serve.Eval.Usb;

namespace Serve.EvalCli;

/// <summary>Where a part of an analysis is shown.</summary>
internal enum AnalysisPart
{
    /// <summary>Nowhere; it is not made.</summary>
    None,

    /// <summary>On the HTML page alone.</summary>
    OnPage,

    /// <summary>In every report, and on the terminal.</summary>
    Everywhere,
}

/// <summary>What is made of an evaluation.</summary>
/// <param name="Errors">The error analysis.</param>
/// <param name="Scales">The scale measures of the USB benchmark.</param>
/// <param name="Intervals">How intervals are made; null for none.</param>
internal sealed record Analysis(AnalysisPart Errors, AnalysisPart Scales, StatisticsOptions? Intervals)
{
    /// <summary>The report with all parts that are made.</summary>
    public EvaluationReport Report(EvaluationInput input, EvaluationResult evaluation, string command, CancellationToken ct)
    {
        var report = EvaluationReport.From(evaluation, input.Dataset);
        return report with
        {
            Provenance = report.Provenance! with
            {
                Date = DateTimeOffset.UtcNow,
                GroundTruth = input.TruthName,
                Detections = input.DetectionsName,
                Model = input.Model,
                Command = command,
            },
            Intervals = Intervals is null ? null : Bootstrap.Run(evaluation, Intervals, EvaluatedCategories.Of(input.Dataset, evaluation), ct: ct),
            Errors = Errors is AnalysisPart.None ? null : ErrorAnalysis.Run(input.Dataset, input.Detections, evaluation, ct: ct),
            Scales = Scales is AnalysisPart.None ? null : UsbScales.Evaluate(input.Dataset, input.Detections, (UsbProtocol)evaluation.Protocol, ScaleMeasures.All, ct: ct),
        };
    }

    /// <summary>The report without what only the page shows.</summary>
    public EvaluationReport ForTables(EvaluationReport report) => report with
    {
        Errors = Errors is AnalysisPart.Everywhere ? report.Errors : null,
        Scales = Scales is AnalysisPart.Everywhere ? report.Scales : null,
    };

    /// <summary>What the terminal shows.</summary>
    public string Text(EvaluationReport report) => string.Join(
        Environment.NewLine,
        new[]
        {
            report.ToText(), Scales is AnalysisPart.Everywhere ? report.Scales!.ToText() : null, Errors is AnalysisPart.Everywhere ? report.Errors!.ToText() : null,
        }.OfType<string>());
}
