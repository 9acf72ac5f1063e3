using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Documents;

public class OpenApiTests(ServeFixture serve)
{
    [Fact]
    public async Task The_document_is_3_1_and_lists_every_operation()
    {
        var document = await ReadAsync();

        Assert.StartsWith("3.1.", (string)document["openapi"]!);
        Assert.Equal(
            [
                "DELETE /v1/datasets/{name}", "DELETE /v1/evaluations/{id}", "DELETE /v1/keys/{id}", "DELETE /v1/leaderboards/{name}", "DELETE /v1/leaderboards/{name}/submissions/{id}", "DELETE /v1/models/{name}", "DELETE /v1/models/{name}/versions/{version}",
                "GET /health/live", "GET /health/ready", "GET /v1/audit", "GET /v1/caller", "GET /v1/comparisons", "GET /v1/comparisons/{id}", "GET /v1/datasets", "GET /v1/datasets/{name}",
                "GET /v1/datasets/{name}/images", "GET /v1/datasets/{name}/images/{id}", "GET /v1/datasets/{name}/statistics", "GET /v1/datasets/{name}/versions", "GET /v1/evaluations", "GET /v1/evaluations/{id}", "GET /v1/evaluations/{id}/events",
                "GET /v1/evaluations/{id}/gallery", "GET /v1/evaluations/{id}/report", "GET /v1/keys", "GET /v1/leaderboards", "GET /v1/leaderboards/{name}", "GET /v1/leaderboards/{name}/submissions", "GET /v1/leaderboards/{name}/submissions/{id}", "GET /v1/models", "GET /v1/models/{name}", "GET /v1/models/{name}/versions/{version}", "GET /v1/protocols",
                "GET /v1/workers", "PATCH /v1/datasets/{name}", "PATCH /v1/leaderboards/{name}", "POST /v1/comparisons", "POST /v1/datasets", "POST /v1/detect", "POST /v1/evaluations",
                "POST /v1/evaluations/{id}/rerun", "POST /v1/keys", "POST /v1/leaderboards", "POST /v1/leaderboards/{name}/submissions", "POST /v1/models/{name}/load", "POST /v1/models/{name}/unload",
                "POST /v1/models/{name}/versions/{version}/load", "POST /v1/models/{name}/versions/{version}/unload", "PUT /v1/datasets/{name}",
                "PUT /v1/models/{name}/versions/{version}",
            ],
            Operations(document).Select(operation => operation.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_operation_has_a_summary_an_answer_and_its_errors_with_texts()
    {
        foreach (var (name, operation) in Operations(await ReadAsync()))
        {
            Assert.False(string.IsNullOrWhiteSpace((string?)operation["summary"]), $"{name} has no summary");
            Assert.NotNull(operation["operationId"]);
            var responses = operation["responses"]!.AsObject();
            Assert.Contains(responses, response => response.Key.StartsWith('2'));
            Assert.Contains("500", responses.Select(response => response.Key));
            foreach (var (status, response) in responses)
            {
                Assert.False(string.IsNullOrWhiteSpace((string?)response!["description"]), $"{name} {status} has no description");
                if (status.StartsWith('4') || status == "500")
                    Assert.NotNull(response["content"]?["application/problem+json"]);
            }
            foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
                Assert.False(string.IsNullOrWhiteSpace((string?)parameter!["description"]), $"{name} {parameter["name"]} has no description");
        }
    }

    [Fact]
    public async Task Detect_describes_its_bodies_its_answers_and_each_of_its_errors()
    {
        var detect = (await ReadAsync())["paths"]!["/v1/detect"]!["post"]!;

        Assert.Equal(
            ["multipart/form-data", "image/*", "application/octet-stream", "application/json"],
            detect["requestBody"]!["content"]!.AsObject().Select(type => type.Key));
        var file = detect["requestBody"]!["content"]!["multipart/form-data"]!["schema"]!["properties"]!["image"]!;
        Assert.Equal(("string", "binary"), ((string)file["type"]!, (string)file["format"]!));
        Assert.NotNull(detect["requestBody"]!["content"]!["application/json"]!["example"]);
        Assert.Equal(
            ["application/json", "image/jpeg", "image/png", "image/webp"],
            detect["responses"]!["200"]!["content"]!.AsObject().Select(type => type.Key).Order());
        Assert.NotNull(detect["responses"]!["200"]!["content"]!["application/json"]!["example"]);
        Assert.Equal("#/components/schemas/DetectRequest", (string)detect["requestBody"]!["content"]!["application/json"]!["schema"]!["$ref"]!);
        Assert.NotNull(detect["responses"]!["429"]!["headers"]!["Retry-After"]);
        Assert.NotNull(detect["responses"]!["503"]!["headers"]!["Retry-After"]);
        Assert.Equal(
            ["Serve-Device", "Serve-Model", "Serve-Model-Version", "Server-Timing"],
            detect["responses"]!["200"]!["headers"]!.AsObject().Select(header => header.Key).Order());
        Assert.Equal(
            ["#/components/schemas/DetectResponse", "#/components/schemas/CocoResultDocument"],
            detect["responses"]!["200"]!["content"]!["application/json"]!["schema"]!["oneOf"]!.AsArray().Select(form => (string)(form!["items"] ?? form)["$ref"]!));
        Assert.Equal(["200", "400", "401", "403", "404", "406", "413", "415", "422", "429", "500", "502", "503", "504"], detect["responses"]!.AsObject().Select(response => response.Key).Order());
        Assert.Equal(
            ["classes", "format", "iou", "masks", "max", "model", "partial", "priority", "score", "timeout", "version"],
            detect["parameters"]!.AsArray().Select(parameter => (string)parameter!["name"]!).Order());
    }

    [Fact]
    public async Task Schemas_have_the_texts_of_their_members()
    {
        var schemas = (await ReadAsync())["components"]!["schemas"]!;

        foreach (var mask in new[] { schemas["DetectionDocument"]!["properties"]!["mask"]!, schemas["CocoResultDocument"]!["properties"]!["segmentation"]! })
            Assert.Equal(["object", "array"], mask["oneOf"]!.AsArray().Select(form => (string)form!["type"]!));
        Assert.Equal("Confidence, 0..1.", (string?)schemas["DetectionDocument"]!["properties"]!["score"]!["description"]);
        Assert.Equal(["queued", "running", "done", "failed", "cancelled"], schemas["EvaluationState"]!["enum"]!.AsArray().Select(state => (string)state!));
    }

    [Fact]
    public async Task Operations_say_how_a_key_is_sent_which_role_they_need_and_what_is_made_once()
    {
        var document = await ReadAsync();

        Assert.Equal(["bearer", "header"], document["components"]!["securitySchemes"]!.AsObject().Select(scheme => scheme.Key).Order());
        foreach (var (name, operation) in Operations(document).Where(operation => operation.Name.Contains(" /v1/", StringComparison.Ordinal)))
        {
            Assert.Equal($"{name}: bearer, header", $"{name}: {string.Join(", ", operation["security"]!.AsArray().Select(way => Assert.Single(way!.AsObject()).Key))}");
            Assert.Matches(@"(?:\A|\n)Role: (reader|submitter|host|administrator)\.\z", (string)operation["description"]!);
            Assert.Contains("401", operation["responses"]!.AsObject().Select(response => response.Key));
        }
        Assert.All(Operations(document).Where(operation => operation.Name.Contains(" /health/", StringComparison.Ordinal)), operation => Assert.Null(operation.Operation["security"]));
        Assert.EndsWith("Role: submitter.", (string)document["paths"]!["/v1/evaluations"]!["post"]!["description"]!);
        Assert.Equal("Idempotency-Key", (string)Assert.Single(document["paths"]!["/v1/evaluations"]!["post"]!["parameters"]!.AsArray())!["name"]!);
    }

    private async Task<JsonNode> ReadAsync() => await serve.Client.GetAsync("/openapi/v1.json", TestContext.Current.CancellationToken).JsonAsync();

    private static IEnumerable<(string Name, JsonNode Operation)> Operations(JsonNode document)
        => from path in document["paths"]!.AsObject() from operation in path.Value!.AsObject() select ($"{operation.Key.ToUpperInvariant()} {path.Key}", operation.Value!);
}
