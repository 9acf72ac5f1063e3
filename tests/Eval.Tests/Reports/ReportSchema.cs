using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Serve.Eval.Reports;

namespace Serve.Eval.Tests.Reports;

/// <summary>The JSON schema of a report: shape from the type information that writes it, texts from the documentation of its properties.</summary>
internal static partial class ReportSchema
{
    private const string NoGroundTruth = "-1 where there is no ground truth.";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // What the document says otherwise than the record.
    private static readonly Dictionary<string, string> Departures = new()
    {
        ["EvaluationReport.Stats"] = "Summary numbers in the reference's order, -1 where there is none; null where the protocol makes no summary of the parameters.",
        ["EvaluationReport.StatsError"] = "Why stats is null; null where it is not.",
        ["CategoryReport.Ap"] = $"Mean precision; {NoGroundTruth}",
        ["CategoryReport.Ap50"] = $"The same at overlap 0.5; null where that is not evaluated, {NoGroundTruth}",
        ["CategoryReport.Ap75"] = $"The same at overlap 0.75; null where that is not evaluated, {NoGroundTruth}",
        ["CategoryReport.Ar"] = $"Mean recall; {NoGroundTruth}",
    };

    /// <summary>The schema, as it is committed.</summary>
    public static string Text()
    {
        var texts = XDocument.Load(Path.ChangeExtension(typeof(EvaluationReport).Assembly.Location, ".xml")).Descendants("member")
            .ToDictionary(member => (string)member.Attribute("name")!, member => member.Element("summary"));
        var schema = ReportJson.Default.ReportDocument.GetJsonSchemaAsNode(new()
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) =>
            {
                if (context.PropertyInfo is { AttributeProvider: System.Reflection.MemberInfo member } && node is JsonObject property && Described(member, texts) is { } text)
                    property.Insert(0, "description", text);
                return node;
            },
        }).AsObject();
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "What `serve evaluate --json` writes");
        return schema.ToJsonString(Indented) + "\n";
    }

    private static string? Described(System.Reflection.MemberInfo member, Dictionary<string, XElement?> texts)
    {
        // The document is the report with COCO's -1.
        var type = member.DeclaringType == typeof(ReportDocument) ? typeof(EvaluationReport) : member.DeclaringType!;
        return Departures.GetValueOrDefault($"{type.Name}.{member.Name}")
            ?? (texts.GetValueOrDefault($"P:{type.FullName}.{member.Name}") is { } summary ? Plain(summary) : null);
    }

    private static string Plain(XElement summary)
    {
        var text = string.Concat(summary.Nodes().Select(node => node is XElement { Name.LocalName: "see" } reference
            ? Camel(((string)reference.Attribute("cref")!).Split('.')[^1])
            : node is XElement element ? element.Value : node.ToString(SaveOptions.DisableFormatting)));
        return Spaces().Replace(System.Net.WebUtility.HtmlDecode(text), " ").Trim();
    }

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
