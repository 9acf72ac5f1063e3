using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Serve.Eval.Profiles;
using Serve.Eval.Reports;
using Serve.Eval.Statistics;
using Serve.Eval.Usb;

namespace Serve.Eval.Tests;

/// <summary>Whoever reads a JSON document of a command finds each of its fields where the command is described.</summary>
public class DocumentedFieldsTests
{
    private static readonly Dictionary<string, JsonTypeInfo> Documents = new()
    {
        ["evaluate"] = ReportJson.Default.ReportDocument,
        ["compare"] = ComparisonJson.Default.Comparison,
        ["data stats"] = ProfileJson.Default.ProfileDocument,
        ["usb report"] = UsbJson.Default.UsbResults,
        ["usb check"] = UsbJson.Default.UsbVerdict,
        ["usb scales"] = UsbJson.Default.UsbScaleReport,
    };

    [Theory]
    [InlineData("evaluate", "reports.md", "JSON")]
    [InlineData("compare", "statistics.md", "JSON")]
    [InlineData("data stats", "datasets.md", "Statistics")]
    [InlineData("usb report", "usb.md", "JSON")]
    [InlineData("usb check", "usb.md", "JSON")]
    [InlineData("usb scales", "usb.md", "JSON")]
    public void Each_field_is_named_where_the_document_is_described(string command, string page, string section)
    {
        var text = File.ReadAllText(Path.Combine(TestFiles.Root, "docs", page)).Split("\n## ").Single(part => part.StartsWith($"{section}\n", StringComparison.Ordinal));

        var fields = Names(Documents[command].GetJsonSchemaAsNode()).Distinct().ToArray();

        Assert.NotEmpty(fields);
        Assert.All(fields, field => Assert.Contains($"`{field}`", text, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Names(JsonNode? schema) => schema switch
    {
        JsonObject node => (node["properties"] as JsonObject ?? []).Select(property => property.Key).Concat(node.SelectMany(member => Names(member.Value))),
        _ => [],
    };
}
