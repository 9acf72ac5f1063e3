using System.Text.Json.Nodes;

namespace Serve.Eval.Tests.Reports;

public class ReportSchemaTests
{
    private const string Switch = "SERVE_WRITE_SCHEMA";

    private static readonly string Committed = Path.Combine(TestFiles.Root, "docs", "report.schema.json");

    [Fact]
    public void The_committed_schema_is_that_of_the_code()
    {
        var schema = ReportSchema.Text();
        if (Environment.GetEnvironmentVariable(Switch) == "1")
            File.WriteAllText(Committed, schema);

        Assert.True(
            File.Exists(Committed) && File.ReadAllText(Committed) == schema,
            $"docs/report.schema.json is out of date: {Switch}=1 ./test Eval writes it.");
    }

    [Fact]
    public void Each_property_says_what_it_is()
    {
        var schema = JsonNode.Parse(ReportSchema.Text())!;

        Assert.Empty(Undescribed(schema, "report"));
    }

    [Fact]
    public void A_report_has_the_properties_of_the_schema_and_no_other()
    {
        var schema = JsonNode.Parse(ReportSchema.Text())!;

        Assert.Empty(Unknown(JsonNode.Parse(ReportExamples.Full().ToJson()), schema, schema, "report"));
        Assert.Empty(Unknown(JsonNode.Parse(ReportExamples.ByScale().ToJson()), schema, schema, "report"));
    }

    private static IEnumerable<string> Undescribed(JsonNode? schema, string path)
    {
        if (schema is not JsonObject node)
            return [];
        var properties = node["properties"]?.AsObject() ?? [];
        return properties.Where(property => property.Value is not JsonObject || property.Value["description"] is null).Select(property => $"{path}.{property.Key}")
            .Concat(properties.SelectMany(property => Undescribed(property.Value, $"{path}.{property.Key}")))
            .Concat(Undescribed(node["items"], $"{path}[]"));
    }

    private static IEnumerable<string> Unknown(JsonNode? value, JsonNode? schema, JsonNode root, string path)
    {
        // A type that occurs twice is described once: "#/properties/errors/…".
        if ((string?)schema?["$ref"] is { } reference)
            schema = reference.Split('/').Skip(1).Aggregate(root, (node, name) => node[name]!);
        return value switch
        {
            JsonObject node when schema!["properties"] is JsonObject properties => node.SelectMany(member => properties.ContainsKey(member.Key)
                ? Unknown(member.Value, properties[member.Key], root, $"{path}.{member.Key}")
                : [$"{path}.{member.Key}"]),
            JsonObject => [path],
            JsonArray list => list.SelectMany((item, i) => Unknown(item, schema!["items"], root, $"{path}[{i}]")),
            _ => [],
        };
    }
}
