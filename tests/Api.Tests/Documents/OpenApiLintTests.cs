using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Documents;

/// <summary>What generators of clients need of the OpenAPI documents.</summary>
public sealed partial class OpenApiLintTests(ServeFixture serve)
{
    public static readonly TheoryData<string> Both = ["v1", "client"];

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Every_operation_has_an_id_of_its_own_and_names_the_parameters_of_its_path(string name)
    {
        var operations = Operations(await ReadAsync(name)).ToList();

        Assert.Equal(operations.Count, operations.Select(operation => (string?)operation.Operation["operationId"]).OfType<string>().Distinct().Count());
        foreach (var (path, operation) in operations)
            Assert.Equal(
                $"{path}: {string.Join(' ', PathParameter().Matches(path).Select(match => match.Groups[1].Value))}",
                $"{path}: {string.Join(' ', Parameters(operation).Where(parameter => (string)parameter["in"]! == "path" && (bool)parameter["required"]!).Select(parameter => (string)parameter["name"]!))}");
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Every_body_parameter_and_header_has_a_schema_that_says_what_it_is(string name)
    {
        foreach (var (path, operation) in Operations(await ReadAsync(name)))
        {
            foreach (var (type, media) in Bodies(operation))
                AssertSays($"{path} {type}", media["schema"]);
            foreach (var parameter in Parameters(operation))
                AssertSays($"{path} {parameter["name"]}", parameter["schema"]);
            foreach (var (header, described) in operation["responses"]!.AsObject().SelectMany(response => response.Value!["headers"]?.AsObject() ?? []))
                AssertSays($"{path} {header}", described!["schema"]);
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Every_member_has_a_type_and_a_text(string name)
    {
        // On purpose: what has several shapes, for generators that know one.
        string[] open = name == "client" ? ["mask", "segmentation"] : [];

        foreach (var (type, schema) in Schemas(await ReadAsync(name)))
        {
            AssertSays(type, schema);
            foreach (var (member, described) in schema["properties"]?.AsObject() ?? [])
            {
                Assert.False(string.IsNullOrWhiteSpace((string?)described!["description"]), $"{type}.{member} has no text");
                Assert.DoesNotMatch(@"&lt;|\b[A-Z]\w+\.[A-Z]", (string)described["description"]!);
                if (!open.Contains(member))
                    AssertSays($"{type}.{member}", described);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Every_enumeration_is_one_of_strings(string name)
    {
        var enumerations = Schemas(await ReadAsync(name)).Where(schema => schema.Schema["enum"] is not null).ToList();

        Assert.Equal(
            ["AreaSource", "DatasetOrigin", "DatasetVisibility", "EvaluationState", "ImageOrder", "IntervalMethod", "ModelState", "Role", "SizeMeasure", "TideError"],
            enumerations.Select(schema => schema.Name).Intersect(
                ["AreaSource", "DatasetOrigin", "DatasetVisibility", "EvaluationState", "ImageOrder", "IntervalMethod", "ModelState", "Role", "SizeMeasure", "TideError"]).Order(StringComparer.Ordinal));
        Assert.All(enumerations, schema =>
        {
            Assert.Equal("string", (string)schema.Schema["type"]!);
            Assert.All(schema.Schema["enum"]!.AsArray(), word => Assert.NotEmpty((string)word!));
        });
    }

    [Fact]
    public async Task Every_schema_is_used_and_every_reference_leads_somewhere()
    {
        var document = await ReadAsync("v1");

        Assert.Equal(
            Schemas(document).Select(schema => schema.Name).Order(StringComparer.Ordinal),
            SchemaReference().Matches(document.ToJsonString()).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Answers_say_where_what_was_made_is_and_when_to_try_again()
    {
        foreach (var (path, operation) in Operations(await ReadAsync("v1")))
        {
            foreach (var (status, response) in operation["responses"]!.AsObject())
            {
                if (status is "201" or "202")
                    Assert.True(response!["headers"]?["Location"] is not null, $"{path} {status} has no Location");
                if (status is "429" or "503" && response!["content"]?["application/problem+json"] is not null)
                    Assert.True(response["headers"]?["Retry-After"] is not null, $"{path} {status} has no Retry-After");
            }
            if (Parameters(operation).Any(parameter => (string)parameter["name"]! == "Idempotency-Key"))
                Assert.Contains(operation["responses"]!.AsObject(), response => response.Key[0] == '2' && response.Value!["headers"]?["Idempotency-Replayed"] is not null);
        }
    }

    [Fact]
    public async Task Problem_documents_are_told_with_all_their_members()
    {
        var members = (await ReadAsync("v1"))["components"]!["schemas"]!["ProblemDetails"]!["properties"]!.AsObject().Select(member => member.Key).ToList();

        // Those that the code adds, wherever it does.
        var added = Directory.EnumerateFiles(Path.Combine(TestFiles.Root, "src", "Api"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("OpenInference", StringComparison.Ordinal))
            .SelectMany(file => Extension().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)).Distinct();
        Assert.Empty(added.Except(members));
    }

    [Fact]
    public async Task Events_are_bytes_whose_data_has_a_schema()
    {
        var answers = (await ReadAsync("v1"))["paths"]!["/v1/evaluations/{id}/events"]!["get"]!["responses"]!["200"]!["content"]!.AsObject();

        var (type, stream) = Assert.Single(answers);
        Assert.Equal("text/event-stream", type);
        Assert.Equal(("string", "binary"), ((string)stream!["schema"]!["type"]!, (string)stream["schema"]!["format"]!));
        Assert.Equal("#/components/schemas/EvaluationEvent", (string)stream["schema"]!["x-event-data"]!["$ref"]!);
    }

    [Fact]
    public async Task What_is_stored_as_json_has_its_type()
    {
        var schemas = (await ReadAsync("v1"))["components"]!["schemas"]!;

        Assert.Equal("#/components/schemas/EvaluationReport", (string)schemas["EvaluationDocument"]!["properties"]!["report"]!["oneOf"]![1]!["$ref"]!);
        Assert.Equal("#/components/schemas/Comparison", (string)schemas["ComparisonDocument"]!["properties"]!["comparison"]!["oneOf"]![1]!["$ref"]!);
        Assert.Equal("#/components/schemas/CocoDetection", (string)schemas["EvaluationRequest"]!["properties"]!["detections"]!["items"]!["$ref"]!);
    }

    [Fact]
    public async Task The_clients_document_has_the_same_operations_with_one_body_each()
    {
        var (whole, client) = (await ReadAsync("v1"), await ReadAsync("client"));

        Assert.Equal(Operations(whole).Select(operation => operation.Name), Operations(client).Select(operation => operation.Name));
        foreach (var (name, operation) in Operations(client))
        {
            Assert.True((operation["requestBody"]?["content"]?.AsObject().Count ?? 1) == 1, $"{name} takes several bodies");
            Assert.All(operation["responses"]!.AsObject(), response => Assert.True((response.Value!["content"]?.AsObject().Count ?? 1) == 1, $"{name} {response.Key} has several bodies"));
        }
        Assert.Equal("application/octet-stream", Bodies(client["paths"]!["/v1/detect"]!["post"]!).First().Type);
        Assert.Equal("application/json", Bodies(client["paths"]!["/v1/evaluations"]!["post"]!).First().Type);
    }

    private static void AssertSays(string what, JsonNode? schema)
        => Assert.True(schema is JsonObject told && told.Any(member => member.Key is "type" or "$ref" or "oneOf" or "allOf"), $"{what} does not say what it is: {schema}");

    private async Task<JsonNode> ReadAsync(string name) => await serve.Client.GetAsync($"/openapi/{name}.json", TestContext.Current.CancellationToken).JsonAsync();

    private static IEnumerable<(string Name, JsonNode Operation)> Operations(JsonNode document)
        => from path in document["paths"]!.AsObject() from operation in path.Value!.AsObject() select ($"{operation.Key.ToUpperInvariant()} {path.Key}", operation.Value!);

    private static IEnumerable<(string Name, JsonNode Schema)> Schemas(JsonNode document) => document["components"]!["schemas"]!.AsObject().Select(schema => (schema.Key, schema.Value!));

    private static IEnumerable<JsonNode> Parameters(JsonNode operation) => operation["parameters"]?.AsArray().Select(parameter => parameter!) ?? [];

    /// <summary>The bodies of requests, then of answers.</summary>
    private static IEnumerable<(string Type, JsonNode Media)> Bodies(JsonNode operation)
        => new[] { operation["requestBody"] }.Concat(operation["responses"]!.AsObject().Select(response => response.Value))
            .SelectMany(body => body?["content"]?.AsObject().Select(media => (media.Key, media.Value!)) ?? []);

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathParameter();

    [GeneratedRegex("\"#/components/schemas/([^\"]+)\"")]
    private static partial Regex SchemaReference();

    [GeneratedRegex("""(?:\.With\(|extensions\[)"(\w+)["]""")]
    private static partial Regex Extension();
}
