using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Serve.Api.OpenInference;

namespace Serve.Api.Tests.OpenInference;

/// <summary>Requests whose body is the data of the only input: the length of the JSON is 0.</summary>
public class RawRequestTests
{
    [Theory]
    [InlineData("UINT8", "3", 3, "[3]")]
    [InlineData("UINT8", "-1", 5, "[5]")]
    [InlineData("UINT8", "-1,3", 3, "[1,3]")]
    [InlineData("UINT8", "-1,-1,3", 9, "[1,3,3]")]
    [InlineData("FP32", "2,-1", 24, "[2,3]")]
    public async Task The_shape_follows_from_the_number_of_bytes(string datatype, string wanted, int bytes, string expected)
    {
        var view = ViewOf(datatype, wanted);
        await using var host = await ViewHost.StartAsync(view);

        using var response = await host.PostAsync("", [.. Enumerable.Range(0, bytes).Select(i => (byte)i)], "0");
        var body = await response.BytesAsync();

        var length = int.Parse(response.JsonLength()!, CultureInfo.InvariantCulture);
        var output = JsonNode.Parse(body.AsSpan(0, length))!["outputs"]![0]!;
        Assert.Equal(expected, output["shape"]!.ToJsonString());
        Assert.Equal([.. Enumerable.Range(0, bytes).Select(i => (byte)i)], body[length..]);
    }

    [Theory]
    [InlineData("UINT8", "3", 4, "input 'x': 4 bytes do not fill UINT8 of shape [3], which takes 3.")]
    [InlineData("FP32", "2,-1", 20, "input 'x': 20 bytes do not fill FP32 of shape [2, -1], which takes a multiple of 8.")]
    [InlineData("FP32", "-1,3", 24, "input 'x': 24 bytes do not fill FP32 of shape [-1, 3], which takes 12.")]
    [InlineData("FP32", "0,-1", 4, "input 'x': 4 bytes do not fill FP32 of shape [0, -1], which takes a multiple of 0.")]
    [InlineData("UINT8", "-1,-1,-1", 9, "input 'x': its shape [-1, -1, -1] cannot be worked out from a raw request: more than one side is free.")]
    [InlineData("BYTES", "-1,-1", 9, "input 'x': a raw request needs a BYTES input of shape [1]; its shape is [-1, -1].")]
    public async Task Bytes_that_do_not_fill_the_shape_are_400(string datatype, string wanted, int bytes, string expected)
    {
        await using var host = await ViewHost.StartAsync(ViewOf(datatype, wanted));

        Assert.Equal(expected, await host.PostAsync("", new byte[bytes], "0").ErrorAsync(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_body_of_bytes_is_one_string()
    {
        await using var host = await ViewHost.StartAsync(ViewOf("BYTES", "-1"));

        using var response = await host.PostAsync("", [0xff, 0xd8, 0xff], "0");

        Assert.Equal([3, 0, 0, 0, 0xff, 0xd8, 0xff], (await response.BytesAsync())[^7..]);
    }

    [Fact]
    public async Task A_model_with_two_inputs_takes_none()
    {
        var view = new TestView([new ViewTensor("a", TensorDatatype.Uint8, 1), new ViewTensor("b", TensorDatatype.Uint8, 1)], [], _ => []);
        await using var host = await ViewHost.StartAsync(view);

        Assert.Equal(
            "A raw request (header length 0) is for models with one input; model 'm' has 2.",
            await host.PostAsync("", [1], "0").ErrorAsync(HttpStatusCode.BadRequest));
    }

    private static TestView ViewOf(string datatype, string shape)
    {
        var type = TensorDatatypes.Parse(datatype)!.Value;
        int[] sides = [.. shape.Split(',').Select(side => int.Parse(side, CultureInfo.InvariantCulture))];
        var echo = TestView.Echo(type);
        return new TestView([new ViewTensor("x", type, sides)], echo.Outputs, request => [echo.InferAsync(request, ["y"], TestContext.Current.CancellationToken).Result.Outputs[0]]);
    }
}
