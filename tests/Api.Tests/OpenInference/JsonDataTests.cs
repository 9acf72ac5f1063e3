using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Serve.Api.OpenInference;

namespace Serve.Api.Tests.OpenInference;

/// <summary>The data of tensors in JSON, there and back.</summary>
public class JsonDataTests
{
    [Theory]
    [InlineData("BOOL", "[2]", "[true,false]")]
    [InlineData("UINT8", "[2]", "[0,255]")]
    [InlineData("UINT16", "[2]", "[0,65535]")]
    [InlineData("UINT32", "[2]", "[0,4294967295]")]
    [InlineData("UINT64", "[2]", "[0,18446744073709551615]")]
    [InlineData("INT8", "[2]", "[-128,127]")]
    [InlineData("INT16", "[2]", "[-32768,32767]")]
    [InlineData("INT32", "[2]", "[-2147483648,2147483647]")]
    [InlineData("INT64", "[2]", "[-9223372036854775808,9223372036854775807]")]
    [InlineData("FP32", "[4]", "[0.1,-3,3.4028235E+38,1E-45]")]
    [InlineData("FP64", "[3]", "[0.1,-3,1.7976931348623157E+308]")]
    [InlineData("BYTES", "[3]", "[\"\",\"a\\u0022b\",\"gr\\u00FCn \\uD83D\\uDE00\"]")]
    [InlineData("INT32", "[]", "[7]")]
    [InlineData("INT32", "[0]", "[]")]
    [InlineData("INT32", "[1,0,4]", "[]")]
    [InlineData("BYTES", "[0]", "[]")]
    public async Task Every_type_comes_back_as_it_was_sent(string datatype, string shape, string data)
    {
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatypes.Parse(datatype)!.Value));

        using var response = await host.PostAsync($$"""{"inputs":[{"name":"x","shape":{{shape}},"datatype":"{{datatype}}","data":{{data}}}]}""");

        Assert.Equal(
            $$"""{"model_name":"m","model_version":"1","outputs":[{"name":"y","shape":{{shape}},"datatype":"{{datatype}}","data":{{data}}}]}""",
            Encoding.UTF8.GetString(await response.BytesAsync()));
    }

    [Theory]
    [InlineData("[1,2,3,4,5,6]")]
    [InlineData("[[[1,2,3],[4,5,6]]]")]
    public async Task Flat_and_nested_data_are_the_same(string data)
    {
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatype.Fp32));

        var answer = await AnswerAsync(host, $$"""{"inputs":[{"name":"x","shape":[1,2,3],"datatype":"FP32","data":{{data}}}]}""");

        Assert.Equal("[1,2,3,4,5,6]", answer["outputs"]![0]!["data"]!.ToJsonString());
    }

    [Fact]
    public async Task Nested_data_may_be_empty_where_the_shape_is()
    {
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatype.Fp32));

        var answer = await AnswerAsync(host, """{"inputs":[{"name":"x","shape":[2,0,3],"datatype":"FP32","data":[[],[]]}]}""");

        Assert.Equal("[]", answer["outputs"]![0]!["data"]!.ToJsonString());
    }

    [Fact]
    public async Task Data_may_stand_before_what_explains_them()
    {
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatype.Int16));

        var answer = await AnswerAsync(host, """{"inputs":[{"data":[[1],[2]],"datatype":"INT16","shape":[2,1],"name":"x"}]}""");

        Assert.Equal("[1,2]", answer["outputs"]![0]!["data"]!.ToJsonString());
    }

    [Theory]
    [InlineData("FP32", "[2,2]", "[1,2,3]", "input 'x': its data has 3 elements, its shape [2, 2] has 4.")]
    [InlineData("FP32", "[2,2]", "[1,2,3,4,5]", "input 'x': its data has more than the 4 elements of its shape [2, 2].")]
    [InlineData("FP32", "[2,2]", "[[1,2],[3]]", "input 'x': its data an array at depth 2 has 1 entries where the shape [2, 2] has 2.")]
    [InlineData("FP32", "[2,2]", "[[1,2],[3,4,5]]", "input 'x': its data an array at depth 2 has more than the 2 entries of the shape [2, 2].")]
    [InlineData("FP32", "[2,2]", "[[1,2]]", "input 'x': its data an array at depth 1 has 1 entries where the shape [2, 2] has 2.")]
    [InlineData("FP32", "[2,2]", "[[1,2],3,4]", "input 'x': its data is nested, but not as its shape [2, 2] is: expected an array at depth 2.")]
    [InlineData("FP32", "[2,2]", "[[[1,2]],[[3,4]]]", "input 'x': its data element 0 is an array; expected a number in the range of FP32.")]
    [InlineData("FP32", "[2]", "[[1,2]]", "input 'x': its data element 0 is an array; expected a number in the range of FP32.")]
    [InlineData("FP32", "[1]", "5", "input 'x': \"data\": expected an array.")]
    [InlineData("FP32", "[2]", "[1,1e39]", "input 'x': its data element 1 is 1e39; expected a number in the range of FP32.")]
    [InlineData("FP64", "[1]", "[1e400]", "input 'x': its data element 0 is 1e400; expected a number in the range of FP64.")]
    [InlineData("FP32", "[1]", "[\"1\"]", "input 'x': its data element 0 is a string; expected a number in the range of FP32.")]
    [InlineData("FP32", "[1]", "[null]", "input 'x': its data element 0 is null; expected a number in the range of FP32.")]
    [InlineData("INT32", "[2]", "[0,1.5]", "input 'x': its data element 1 is 1.5; expected a whole number from -2147483648 to 2147483647.")]
    [InlineData("INT32", "[1]", "[2147483648]", "input 'x': its data element 0 is 2147483648; expected a whole number from -2147483648 to 2147483647.")]
    [InlineData("UINT8", "[3]", "[1,2,256]", "input 'x': its data element 2 is 256; expected a whole number from 0 to 255.")]
    [InlineData("UINT8", "[1]", "[-1]", "input 'x': its data element 0 is -1; expected a whole number from 0 to 255.")]
    [InlineData("UINT64", "[1]", "[-1]", "input 'x': its data element 0 is -1; expected a whole number from 0 to 18446744073709551615.")]
    [InlineData("BOOL", "[1]", "[1]", "input 'x': its data element 0 is 1; expected true or false.")]
    [InlineData("INT8", "[1]", "[true]", "input 'x': its data element 0 is true; expected a whole number from -128 to 127.")]
    [InlineData("BYTES", "[1]", "[{}]", "input 'x': its data element 0 is an object; expected a string.")]
    [InlineData("FP32", "[1000000000000]", "[1]", "input 'x': its shape [1000000000000] has more elements than its data.")]
    [InlineData("FP32", "[4294967296,4294967296,4294967296]", "[1]", "input 'x': its shape [4294967296, 4294967296, 4294967296] has more elements than its data.")]
    public async Task What_does_not_fit_is_refused_with_the_input_and_the_place(string datatype, string shape, string data, string expected)
    {
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatypes.Parse(datatype)!.Value));

        var error = await host.PostAsync($$"""{"inputs":[{"name":"x","shape":{{shape}},"datatype":"{{datatype}}","data":{{data}}}]}""").ErrorAsync(HttpStatusCode.BadRequest);

        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("[\"\\ud800\"]")]
    [InlineData("[\"\uFFFF\"]")]
    public async Task A_string_that_is_no_unicode_is_refused_and_any_other_is_not(string data)
    {
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatype.Bytes));

        using var response = await host.PostAsync($$"""{"inputs":[{"name":"x","shape":[1],"datatype":"BYTES","data":{{data}}}]}""");

        Assert.Equal(data.Contains("ud800", StringComparison.Ordinal) ? HttpStatusCode.BadRequest : HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<JsonNode> AnswerAsync(ViewHost host, string json)
    {
        using var response = await host.PostAsync(json);
        return JsonNode.Parse(await response.BytesAsync())!;
    }
}
