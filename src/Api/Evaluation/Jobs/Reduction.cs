using System.Text.Json;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Wire;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Errors;
using Serve.Eval.Reports;
using Serve.Eval.Statistics;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>What a reduction computes.</summary>
/// <param name="Report">The report, with intervals where there is anything to resample.</param>
/// <param name="Headline">The number that results are ranked by in the resamples; null where there is none.</param>
internal sealed record Reduction(EvaluationReport Report, NumberSamples? Headline)
{
    /// <summary>Evaluates all detections, as <c>serve evaluate --intervals --errors</c> does.</summary>
    public static Reduction Of(Dataset dataset, DetectionTable detections, Protocol protocol, int threads, CancellationToken ct)
    {
        var evaluation = Evaluator.Evaluate(dataset, detections, protocol, threads, ct);
        var report = WithErrors(EvaluationReport.From(evaluation, dataset), evaluation, dataset, detections, threads, ct);
        if (!Bootstrap.AppliesTo(evaluation))
            return new(report, null);
        var (intervals, headline) = Bootstrap.RunForRanks(evaluation, new() { Threads = threads }, EvaluatedCategories.Of(dataset, evaluation), ct: ct);
        return new(report with { Intervals = intervals }, headline);
    }

    /// <summary>The report with what is wrong with the detections. Each image by itself is in the gallery.</summary>
    private static EvaluationReport WithErrors(EvaluationReport report, EvaluationResult result, Dataset dataset, DetectionTable detections, int threads, CancellationToken ct)
    {
        try
        {
            return report with { Errors = ErrorAnalysis.Run(dataset, detections, result, threads: threads, ct: ct) with { Images = [] } };
        }
        catch (InvalidInputException fault)
        {
            // A mask that cannot be drawn, and that the protocol compares with nothing.
            return report with { Warnings = [.. report.Warnings, $"Errors are not analysed: {fault.Message}"] };
        }
    }

    /// <summary>What is kept beside the report.</summary>
    public ScoreRow ScoreOf(string evaluation)
    {
        var interval = Report.Intervals?.Estimates.FirstOrDefault(estimate => estimate.CategoryId is null && estimate.Name == Protocols.Find(Report.Protocol)!.HeadlineNumber)?.Interval;
        var numbers = Report.StatsNames.Zip(Report.Stats).DistinctBy(number => number.First).ToDictionary(number => number.First, number => number.Second < 0 ? null : (double?)number.Second);
        return new()
        {
            EvaluationId = evaluation,
            Value = Headline?.Value,
            Lower = interval?.Lower,
            Upper = interval?.Upper,
            Numbers = JsonSerializer.Serialize(numbers, ServeJson.Default.DictionaryStringNullableDouble),
            Samples = Headline?.ToBytes(),
        };
    }
}
