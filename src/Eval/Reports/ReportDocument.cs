using System.Text.Json;
using System.Text.Json.Serialization;
using Serve.Eval.Errors;
using Serve.Eval.Json;
using Serve.Eval.Statistics;
using Serve.Eval.Usb;

namespace Serve.Eval.Reports;

/// <summary>
/// A report as it stands in JSON. It differs from the record where COCO writes -1: the record has null, the document tells "no ground
/// truth" (-1) from "not evaluated" (null) by the thresholds in force.
/// </summary>
internal sealed record ReportDocument
{
    private const double None = -1;

    public required string Protocol { get; init; }

    public required IReadOnlyList<double>? Stats { get; init; }

    public required IReadOnlyList<string> StatsNames { get; init; }

    public IReadOnlyList<MetricReport> Metrics { get; init; } = [];

    public string? StatsError { get; init; }

    public IReadOnlyList<string> Warnings { get; init; } = [];

    public required IReadOnlyList<CategoryReport> PerCategory { get; init; }

    public required ParameterReport Parameters { get; init; }

    public required string DatasetHash { get; init; }

    public required int Images { get; init; }

    public required int? GroundTruths { get; init; }

    public required int? Detections { get; init; }

    public IReadOnlyList<string> Withheld { get; init; } = [];

    public ProvenanceReport? Provenance { get; init; }

    public BootstrapResult? Intervals { get; init; }

    public UsbScaleReport? Scales { get; init; }

    public ErrorReport? Errors { get; init; }

    public LatencyReport? Latency { get; init; }

    public required IReadOnlyList<PrecisionRecallCurve> Curves { get; init; }

    public static string Write(EvaluationReport report)
    {
        var (has50, has75) = (report.Parameters.IouThresholds.Contains(0.5), report.Parameters.IouThresholds.Contains(0.75));
        var document = new ReportDocument
        {
            Protocol = report.Protocol,
            Stats = report.StatsError is null ? report.Stats : null,
            StatsNames = report.StatsNames,
            Metrics = report.Metrics,
            StatsError = report.StatsError,
            Warnings = report.Warnings,
            PerCategory = [.. report.PerCategory.Select(c => c with
            {
                Ap = c.Ap ?? None,
                Ap50 = c.Ap50 ?? (has50 ? None : null),
                Ap75 = c.Ap75 ?? (has75 ? None : null),
                Ar = c.Ar ?? None,
            })],
            Parameters = report.Parameters,
            DatasetHash = report.DatasetHash,
            Images = report.Images,
            GroundTruths = report.GroundTruths,
            Detections = report.Detections,
            Withheld = report.Withheld,
            Provenance = report.Provenance,
            Intervals = report.Intervals,
            Scales = report.Scales,
            Errors = report.Errors,
            Latency = report.Latency,
            Curves = report.Curves,
        };
        return JsonSerializer.Serialize(document, ReportJson.Default.ReportDocument);
    }

    public static EvaluationReport Read(string json)
    {
        try
        {
            var document = JsonSerializer.Deserialize(json, ReportJson.Default.ReportDocument)
                ?? throw new InvalidInputException("The report is null; it must be an object as `evaluate --json` writes it.");
            return new()
            {
                Protocol = document.Protocol,
                Stats = document.Stats ?? [],
                StatsNames = document.StatsNames,
                // What a version that said less left out comes as null: generated readers pay no regard to the initial values of properties.
                Metrics = document.Metrics ?? [],
                StatsError = document.StatsError,
                Warnings = document.Warnings ?? [],
                PerCategory = [.. document.PerCategory.Select(c => c with { Ap = Number(c.Ap), Ap50 = Number(c.Ap50), Ap75 = Number(c.Ap75), Ar = Number(c.Ar) })],
                Parameters = document.Parameters with { RecallThresholds = document.Parameters.RecallThresholds ?? [] },
                DatasetHash = document.DatasetHash,
                Images = document.Images,
                GroundTruths = document.GroundTruths,
                Detections = document.Detections,
                Withheld = document.Withheld ?? [],
                Provenance = document.Provenance,
                Intervals = document.Intervals,
                Scales = document.Scales,
                Errors = document.Errors,
                Latency = document.Latency,
                Curves = document.Curves,
            };
        }
        catch (JsonException fault)
        {
            throw new InvalidInputException($"The report is not one that `evaluate --json` writes: {SyntaxReason.Shortened(fault.Message)}", fault);
        }
    }

    private static double? Number(double? value) => value == None ? null : value;
}

/// <summary>How reports are written: camelCase names.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true, Converters = [typeof(IntervalMethodConverter), typeof(SizeMeasureConverter)])]
[JsonSerializable(typeof(ReportDocument))]
internal sealed partial class ReportJson : JsonSerializerContext;

/// <summary>Writes <c>area</c>, <c>scale</c> and <c>relativeScale</c>.</summary>
internal sealed class SizeMeasureConverter() : JsonStringEnumConverter<SizeMeasure>(JsonNamingPolicy.CamelCase);
