using System.Net;
using System.Text.Json.Nodes;
using Serve.Api.OpenInference;

namespace Serve.Api.Tests.OpenInference;

/// <summary>What a request may leave out, what it may add, and what it is refused for.</summary>
public sealed class RequestFaultTests : IAsyncLifetime
{
    private const string A = """{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2]}""";
    private const string B = """{"name":"b","shape":[1],"datatype":"INT64","data":[3]}""";

    private ViewHost? _host;

    public async ValueTask InitializeAsync() => _host = await ViewHost.StartAsync(new TestView(
        [new ViewTensor("a", TensorDatatype.Fp32, -1, 2), new ViewTensor("b", TensorDatatype.Int64, 1)],
        [new ViewTensor("p", TensorDatatype.Int32, 1), new ViewTensor("q", TensorDatatype.Int32, 1)],
        _ => [new("p", TensorDatatype.Int32, [1], BitConverter.GetBytes(1)), new("q", TensorDatatype.Int32, [1], BitConverter.GetBytes(2))]));

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
    }

    [Theory]
    [InlineData($$"""{"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32"},{{B}}]}""", "input 'a': it has no data; send \"data\" or the parameter \"binary_data_size\".")]
    [InlineData($$$"""{"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2],"parameters":{"binary_data_size":8}},{{{B}}}]}""", "input 'a': it has both \"data\" and \"binary_data_size\"; send one of them.")]
    [InlineData($$"""{"inputs":[{{A}},{{B}},{"name":"c","shape":[1],"datatype":"INT64","data":[3]}]}""", "input 'c': model 'm' has no such input; its inputs are 'a', 'b'.")]
    [InlineData($$"""{"inputs":[{{A}}]}""", "input 'b': it is missing; model 'm' takes 'a', 'b'.")]
    [InlineData($$"""{"inputs":[{{A}},{{B}},{{A}}]}""", "input 'a': it is there more than once.")]
    [InlineData($$"""{"inputs":[{{A}},{{B}}],"outputs":[{"name":"z"}]}""", "output 'z': model 'm' has no such output; its outputs are 'p', 'q'.")]
    [InlineData($$"""{"inputs":[{{A}},{{B}}],"outputs":[{"name":"p"},{"name":"p"}]}""", "output 'p': it is asked for more than once.")]
    [InlineData($$"""{"inputs":[{"name":"a","shape":[1,3],"datatype":"FP32","data":[1,2,3]},{{B}}]}""", "input 'a': shape [1, 3] does not fit; the model takes FP32 [-1, 2] (-1: any).")]
    [InlineData($$"""{"inputs":[{"name":"a","shape":[2],"datatype":"FP32","data":[1,2]},{{B}}]}""", "input 'a': shape [2] does not fit; the model takes FP32 [-1, 2] (-1: any).")]
    [InlineData($$"""{"inputs":[{"name":"a","shape":[1,2],"datatype":"FP64","data":[1,2]},{{B}}]}""", "input 'a': datatype FP64 does not fit; the model takes FP32 [-1, 2] (-1: any).")]
    [InlineData("""{"inputs":[{"name":"a","shape":[1,-2],"datatype":"FP32","data":[1,2]}]}""", "input 'a': \"shape\": expected an array of whole numbers, 0 and up.")]
    [InlineData("""{"inputs":[{"name":"a","shape":[1.5],"datatype":"FP32","data":[1,2]}]}""", "input 'a': \"shape\": expected an array of whole numbers, 0 and up.")]
    [InlineData("""{"inputs":[{"name":"a","shape":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"datatype":"FP32","data":[]}]}""", "input 'a': its shape has more than 32 dimensions.")]
    [InlineData("""{"inputs":[{"name":"a","shape":[1],"datatype":"fp32","data":[1]}]}""", "input 'a': datatype \"fp32\" is not one; allowed are BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, BF16, FP32, FP64, BYTES.")]
    [InlineData("""{"inputs":[{"shape":[1],"datatype":"FP32","data":[1]}]}""", "inputs[0].name is missing.")]
    [InlineData("""{"inputs":[{"name":"a","datatype":"FP32","data":[1]}]}""", "input 'a': its \"shape\" is missing.")]
    [InlineData("""{"inputs":[{"name":"a","shape":[1],"data":[1]}]}""", "input 'a': its \"datatype\" is missing; one of BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, BF16, FP32, FP64, BYTES.")]
    [InlineData("""{"inputs":[{"name":"a","name":"b","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""", "input 'a': \"name\" is there twice.")]
    [InlineData("""{"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2],"shape":[2,2]}]}""", "input 'a': \"shape\" is there twice.")]
    [InlineData("""{"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2],"datatype":"FP64"}]}""", "input 'a': \"datatype\" is there twice.")]
    [InlineData("""{"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2],"data":[1,2]}]}""", "input 'a': \"data\" is there twice.")]
    [InlineData("""{"inputs":[7]}""", "inputs[0]: expected an object.")]
    [InlineData("""{"inputs":7}""", "\"inputs\": expected an array of objects.")]
    [InlineData("""{"inputs":[],"inputs":[]}""", "\"inputs\" is there twice.")]
    [InlineData("""{"id":"7"}""", "\"inputs\" is missing; expected an array of tensors.")]
    [InlineData("""{"id":7,"inputs":[]}""", "\"id\": expected a string.")]
    [InlineData("[]", "The body holds no JSON object; expected {\"inputs\": [...]}.")]
    [InlineData("", "The body holds no JSON object; expected {\"inputs\": [...]}.")]
    [InlineData("""{"inputs":[],"parameters":7}""", "parameters: expected an object.")]
    [InlineData("""{"inputs":[],"parameters":{"anything":{}}}""", "parameter 'anything': a parameter is a string, a number or a boolean.")]
    [InlineData("""{"inputs":[],"parameters":{"anything":[1]}}""", "parameter 'anything': a parameter is a string, a number or a boolean.")]
    [InlineData("""{"inputs":[],"parameters":{"anything":null}}""", "parameter 'anything': a parameter is a string, a number or a boolean.")]
    [InlineData("""{"inputs":[],"outputs":[{"name":"p","parameters":{"x":{"y":1}}}]}""", "parameter 'x': a parameter is a string, a number or a boolean.")]
    [InlineData("""{"inputs":[{"name":"a","shape":[1],"datatype":"FP32","parameters":{"x":{}}}]}""", "parameter 'x': a parameter is a string, a number or a boolean.")]
    [InlineData("""{"inputs":[],"parameters":{"priority":-1}}""", "parameter 'priority': expected a whole number from 0 to 2147483647.")]
    [InlineData("""{"inputs":[],"parameters":{"timeout":"soon"}}""", "parameter 'timeout': expected a whole number from 0 to 86400000000.")]
    [InlineData("""{"inputs":[],"parameters":{"binary_data_output":1}}""", "parameter 'binary_data_output': expected true or false.")]
    [InlineData("""{"inputs":[],"parameters":{"confidence":1.5}}""", "parameter 'confidence': expected a number from 0 to 1.")]
    [InlineData("""{"inputs":[],"parameters":{"max_detections":0}}""", "parameter 'max_detections': 0 is not between 1 and 1000.")]
    [InlineData("""{"inputs":[{"name":"a","shape":[1],"datatype":"FP32","parameters":{"binary_data_size":-4}}]}""", "parameter 'binary_data_size': expected a whole number from 0 to 9223372036854775807.")]
    public async Task A_wrong_request_is_400_and_says_what_is_wrong(string json, string expected)
        => Assert.Equal(expected, await _host!.PostAsync(json).ErrorAsync(HttpStatusCode.BadRequest));

    [Theory]
    [InlineData("""{"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2}]}""")]
    [InlineData("""{"inputs":[]""")]
    [InlineData("""{"inputs":[]} {}""")]
    [InlineData("""{"inputs":[],}""")]
    [InlineData("""{"inputs":[] // no comments""")]
    [InlineData("""{"x":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[""")]
    public async Task Malformed_json_is_400_with_the_place(string json)
        => Assert.StartsWith("The JSON body is wrong at $ (line 1, byte ", await _host!.PostAsync(json).ErrorAsync(HttpStatusCode.BadRequest));

    [Theory]
    [InlineData("""{"inputs":[],"outputs":[{"name":"p","parameters":{"classification":3}}]}""")]
    [InlineData("""{"inputs":[{"name":"a","shape":[1],"datatype":"FP32","parameters":{"shared_memory_region":"r","shared_memory_byte_size":4}}]}""")]
    public async Task Extensions_that_are_not_offered_are_501(string json)
        => Assert.Contains("is not offered", await _host!.PostAsync(json).ErrorAsync(HttpStatusCode.NotImplemented));

    [Fact]
    public async Task The_id_is_echoed_and_absent_when_there_was_none()
    {
        var with = await AnswerAsync($$"""{"id":"7-ä","inputs":[{{A}},{{B}}]}""");
        var without = await AnswerAsync($$"""{"inputs":[{{A}},{{B}}]}""");

        Assert.Equal("7-ä", (string)with["id"]!);
        Assert.False(without.AsObject().ContainsKey("id"));
        Assert.Equal(("m", "1"), ((string)without["model_name"]!, (string)without["model_version"]!));
    }

    [Theory]
    [InlineData("", "p,q")]
    [InlineData(""","outputs":[]""", "p,q")]
    [InlineData(""","outputs":null""", "p,q")]
    [InlineData(""","outputs":[{"name":"q"}]""", "q")]
    [InlineData(""","outputs":[{"name":"q"},{"name":"p"}]""", "q,p")]
    public async Task The_outputs_asked_for_come_in_their_order(string outputs, string expected)
    {
        var answer = await AnswerAsync($$"""{"inputs":[{{B}},{{A}}]{{outputs}}}""");

        Assert.Equal(expected, string.Join(',', answer["outputs"]!.AsArray().Select(output => (string)output!["name"]!)));
    }

    [Fact]
    public async Task Unknown_keys_and_parameters_are_passed_over()
    {
        var answer = await AnswerAsync(
            $$$"""{"model_name":"another","x":{"y":[1,{}]},"parameters":{"sequence_id":7,"triton_x":true,"headers":"h"},"inputs":[{{{A}}},{{{B}}}],"outputs":[{"name":"p","z":[],"parameters":{"q":1.5}}]}""");

        Assert.Equal(1, (int)answer["outputs"]![0]!["data"]![0]!);
    }

    private async Task<JsonNode> AnswerAsync(string json)
    {
        using var response = await _host!.PostAsync(json);
        return JsonNode.Parse(await response.BytesAsync())!;
    }
}
