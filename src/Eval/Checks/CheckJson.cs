using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serve.Eval.Checks;

/// <summary>What a check found, as it is written: the wire form of <see cref="CheckReport"/>.</summary>
internal sealed record CheckDocument(
    string Path, string Format, IReadOnlyList<CheckedSplit> Splits, long Errors, long Warnings, long Information, IReadOnlyList<FindingDocument> Findings)
{
    /// <summary>A report as JSON. Quotes in messages stay legible: the text is no part of a web page.</summary>
    public static string Write(CheckReport report)
    {
        var json = new CheckJson(new(CheckJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        return JsonSerializer.Serialize(From(report), json.CheckDocument);
    }

    private static CheckDocument From(CheckReport report) => new(
        report.Path, report.Format, report.Splits, report.Errors, report.Warnings, report.CountOf(Severity.Information), [.. report.Findings.Select(FindingDocument.From)]);
}

/// <summary>All faults of a kind, as they are written.</summary>
internal sealed record FindingDocument(string Kind, string Severity, string Title, long Count, IReadOnlyList<ExampleDocument> Examples)
{
    public static FindingDocument From(CheckFinding finding) => new(
        finding.Kind.Code,
        finding.Kind.Severity switch { Checks.Severity.Error => "error", Checks.Severity.Warning => "warning", _ => "information" },
        finding.Kind.Title,
        finding.Count,
        [.. finding.Examples.Select(fault => new ExampleDocument(fault.Place.File, fault.Place.Record, fault.Field, fault.Text))]);
}

/// <summary>One fault, as it is written.</summary>
internal sealed record ExampleDocument(string File, string Record, string Field, string Fault);

/// <summary>Writes the documents.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(CheckDocument))]
internal sealed partial class CheckJson : JsonSerializerContext;
