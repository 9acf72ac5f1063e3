using System.Net;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.OpenInference;

/// <summary>What the protocol tells of the server and its models.</summary>
public class MetadataTests(ServeFixture serve)
{
    [Theory]
    [InlineData("/v2")]
    [InlineData("/v2/")]
    public async Task The_server_says_what_it_can_do(string path)
    {
        var server = await serve.Client.GetAsync(path, Token).JsonAsync();

        Assert.Equal("serve", (string)server["name"]!);
        Assert.NotEmpty((string)server["version"]!);
        Assert.Equal(
            ["binary_tensor_data", "model_configuration", "model_repository", "parameters", "schedule_policy", "statistics"],
            server["extensions"]!.AsArray().Select(name => (string)name!));
    }

    [Theory]
    [InlineData("/v2/models/shapes")]
    [InlineData("/v2/models/sh%61pes")]
    [InlineData("/v2/models/shapes/versions/1")]
    public async Task A_model_takes_pictures_and_gives_detections(string path)
    {
        var model = await serve.Client.GetAsync(path, Token).JsonAsync();

        Assert.Equal(("shapes", "onnx_onnxv1"), ((string)model["name"]!, (string)model["platform"]!));
        Assert.Equal(["1", "2"], model["versions"]!.AsArray().Select(version => (string)version!));
        Assert.Equal("""[{"name":"image","datatype":"BYTES","shape":[-1]}]""", model["inputs"]!.ToJsonString());
        Assert.Equal(
            """[{"name":"num_detections","datatype":"INT32","shape":[-1]},{"name":"boxes","datatype":"FP32","shape":[-1,-1,4]},{"name":"scores","datatype":"FP32","shape":[-1,-1]},{"name":"class_ids","datatype":"INT64","shape":[-1,-1]}]""",
            model["outputs"]!.ToJsonString());
        var properties = model["properties"]!.AsObject();
        Assert.All(properties, property => Assert.IsType<string>(property.Value!.GetValue<string>()));
        Assert.Equal(["light", "dark"], JsonNode.Parse((string)properties["class_names"]!)!.AsArray().Select(name => (string)name!));
        Assert.Equal(("[1,2]", "64", "48", "shapes.raw"), ((string)properties["class_ids"]!, (string)properties["input_width"]!, (string)properties["input_height"]!, (string)properties["raw_view"]!));
    }

    [Fact]
    public async Task The_raw_view_is_the_graph_itself()
    {
        var model = await serve.Client.GetAsync("/v2/models/shapes.raw", Token).JsonAsync();

        Assert.Equal("shapes.raw", (string)model["name"]!);
        Assert.Equal("""[{"name":"images","datatype":"FP32","shape":[-1,3,48,64]}]""", model["inputs"]!.ToJsonString());
        Assert.Equal(
            """[{"name":"boxes","datatype":"FP32","shape":[-1,3,4]},{"name":"scores","datatype":"FP32","shape":[-1,3]},{"name":"labels","datatype":"INT64","shape":[-1,3]}]""",
            model["outputs"]!.ToJsonString());
        Assert.Equal("shapes", (string)model["properties"]!["decoded_view"]!);
    }

    [Fact]
    public async Task The_configuration_sets_the_batch_apart_where_there_is_one()
    {
        var decoded = await serve.Client.GetAsync("/v2/models/shapes/config", Token).JsonAsync();
        var raw = await serve.Client.GetAsync("/v2/models/shapes.raw/versions/1/config", Token).JsonAsync();

        Assert.Equal((0, "onnxruntime"), ((int)decoded["max_batch_size"]!, (string)decoded["backend"]!));
        Assert.Equal("""[{"name":"image","data_type":"TYPE_STRING","dims":[-1]}]""", decoded["input"]!.ToJsonString());
        Assert.True((int)raw["max_batch_size"]! > 1);
        Assert.Equal("""[{"name":"images","data_type":"TYPE_FP32","dims":[3,48,64]}]""", raw["input"]!.ToJsonString());
        Assert.Equal("""{"specific":{"versions":[1]}}""", raw["version_policy"]!.ToJsonString());
    }

    [Theory]
    [InlineData("/v2/models/nothing")]
    [InlineData("/v2/models/nothing/ready")]
    [InlineData("/v2/models/nothing/config")]
    [InlineData("/v2/models/nothing/stats")]
    [InlineData("/v2/models/nothing.raw")]
    [InlineData("/v2/models/shapes/versions/7")]
    [InlineData("/v2/models/shapes/versions/0")]
    [InlineData("/v2/models/shapes/versions/01x/ready")]
    [InlineData("/v2/models/shapes/versions/99999999999/stats")]
    [InlineData("/v2/nothing")]
    [InlineData("/v2/models/shapes/nothing")]
    public async Task What_is_not_there_is_404(string path) => Assert.NotEmpty(await serve.Client.GetAsync(path, Token).ErrorAsync(HttpStatusCode.NotFound));

    [Theory]
    [InlineData("/v2/models/nothing/infer")]
    [InlineData("/v2/models/shapes/versions/7/infer")]
    [InlineData("/v2/repository/models/nothing/load")]
    [InlineData("/v2/repository/models/nothing/unload")]
    public async Task What_is_not_there_is_404_for_posts_too(string path)
        => Assert.NotEmpty(await serve.Client.PostAsync(path, null, Token).ErrorAsync(HttpStatusCode.NotFound));

    [Theory]
    [InlineData("POST", "/v2")]
    [InlineData("GET", "/v2/models/shapes/infer")]
    [InlineData("POST", "/v2/models/shapes")]
    [InlineData("DELETE", "/v2/health/live")]
    [InlineData("GET", "/v2/repository/index")]
    [InlineData("PUT", "/v2/repository/models/shapes/load")]
    public async Task A_wrong_verb_is_405(string verb, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), path);

        Assert.Contains($"does not answer {verb}", await serve.Client.SendAsync(request, Token).ErrorAsync(HttpStatusCode.MethodNotAllowed));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
