using System.Net;
using System.Text;
using Serve.Api.OpenInference;

namespace Serve.Api.Tests.OpenInference;

/// <summary>The byte-exact vectors of the protocol's description, over real HTTP.</summary>
public class ProtocolVectorTests
{
    private const string RequestA = """
        {"id":"42","inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","parameters":{"binary_data_size":16}}],"outputs":[{"name":"y","parameters":{"binary_data":true}},{"name":"n"}]}
        """;

    private const string AnswerA = """
        {"model_name":"m","model_version":"1","id":"42","outputs":[{"name":"y","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}},{"name":"n","shape":[1],"datatype":"INT32","data":[2]}]}
        """;

    private const string RequestB = """
        {"inputs":[{"name":"image","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":16}}],"parameters":{"binary_data_output":true}}
        """;

    private const string RequestC = """
        {"inputs":[{"name":"size","shape":[1,2],"datatype":"INT64","data":[[640,480]]},{"name":"mask","shape":[3],"datatype":"BOOL","parameters":{"binary_data_size":3}},{"name":"x","shape":[2],"datatype":"UINT16","parameters":{"binary_data_size":4}}]}
        """;

    private const string AnswerD = """
        {"model_name":"m","model_version":"1","outputs":[{"name":"boxes","shape":[1,0,4],"datatype":"FP32","parameters":{"binary_data_size":0}}]}
        """;

    [Fact]
    public async Task Vector_A_one_block_in_and_a_block_and_json_out()
    {
        byte[] sent = [0x00, 0x00, 0x80, 0x3f, 0x00, 0x00, 0x20, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x50, 0x40];
        byte[]? seen = null;
        var view = new TestView(
            [new ViewTensor("x", TensorDatatype.Fp32, -1, 2, 2)], [new ViewTensor("n", TensorDatatype.Int32, 1), new ViewTensor("y", TensorDatatype.Fp32, -1, 2)],
            request =>
            {
                seen = request.Inputs[0].Data.ToArray();
                return [new("y", TensorDatatype.Fp32, [1, 2], Bytes(0.5f, 0.75f)), new("n", TensorDatatype.Int32, [1], BitConverter.GetBytes(2))];
            });
        await using var host = await ViewHost.StartAsync(view);
        Assert.Equal(178, RequestA.Length);

        using var response = await host.PostAsync(RequestA, sent);
        var body = await response.BytesAsync();

        Assert.Equal(sent, seen);
        Assert.Equal(196, AnswerA.Length);
        Assert.Equal([.. Encoding.UTF8.GetBytes(AnswerA), 0x00, 0x00, 0x00, 0x3f, 0x00, 0x00, 0x40, 0x3f], body);
        Assert.Equal("196", response.JsonLength());
        Assert.Equal(204, response.Content.Headers.ContentLength);
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Vector_B_two_strings_of_bytes_of_different_length()
    {
        byte[] block = [0x03, 0x00, 0x00, 0x00, 0xff, 0xd8, 0xff, 0x05, 0x00, 0x00, 0x00, 0x89, 0x50, 0x4e, 0x47, 0x0d];
        byte[][] seen = [];
        var view = new TestView(
            [new ViewTensor("image", TensorDatatype.Bytes, -1)], [new ViewTensor("y", TensorDatatype.Uint8, 1)],
            request =>
            {
                seen = [.. request.Inputs[0].Strings.Select(text => text.ToArray())];
                return [new("y", TensorDatatype.Uint8, [1], new byte[] { 7 })];
            });
        await using var host = await ViewHost.StartAsync(view);
        Assert.Equal((138, 154), (RequestB.Length, RequestB.Length + block.Length));

        using var response = await host.PostAsync(RequestB, block);
        var body = await response.BytesAsync();

        Assert.Equal([[0xff, 0xd8, 0xff], [0x89, 0x50, 0x4e, 0x47, 0x0d]], seen);
        Assert.Equal("""{"model_name":"m","model_version":"1","outputs":[{"name":"y","shape":[1],"datatype":"UINT8","parameters":{"binary_data_size":1}}]}""" + "\a", Encoding.UTF8.GetString(body));
    }

    [Fact]
    public async Task Vector_C_json_first_then_two_blocks()
    {
        byte[] blocks = [0x01, 0x00, 0x01, 0x02, 0x01, 0xff, 0xff];
        List<byte[]> seen = [];
        var view = new TestView(
            [new ViewTensor("x", TensorDatatype.Uint16, 2), new ViewTensor("size", TensorDatatype.Int64, 1, 2), new ViewTensor("mask", TensorDatatype.Bool, 3)],
            [new ViewTensor("y", TensorDatatype.Bool, 1)],
            request =>
            {
                seen.AddRange(request.Inputs.Select(input => input.Data.ToArray()));
                return [new("y", TensorDatatype.Bool, [1], new byte[] { 1 })];
            });
        await using var host = await ViewHost.StartAsync(view);
        Assert.Equal((243, 250), (RequestC.Length, RequestC.Length + blocks.Length));

        using var response = await host.PostAsync(RequestC, blocks);
        var body = await response.BytesAsync();

        Assert.Equal([[.. BitConverter.GetBytes(640L), .. BitConverter.GetBytes(480L)], [0x01, 0x00, 0x01], [0x02, 0x01, 0xff, 0xff]], seen);
        Assert.Equal("""{"model_name":"m","model_version":"1","outputs":[{"name":"y","shape":[1],"datatype":"BOOL","data":[true]}]}""", Encoding.UTF8.GetString(body));
        Assert.Null(response.JsonLength());
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Vector_D_an_empty_output_is_a_block_of_no_bytes()
    {
        var view = new TestView(
            [new ViewTensor("x", TensorDatatype.Uint8, -1)], [new ViewTensor("boxes", TensorDatatype.Fp32, -1, -1, 4)],
            _ => [new("boxes", TensorDatatype.Fp32, [1, 0, 4], default)]);
        await using var host = await ViewHost.StartAsync(view);

        using var response = await host.PostAsync(
            """{"inputs":[{"name":"x","shape":[1],"datatype":"UINT8","data":[1]}],"parameters":{"binary_data_output":true}}""");
        var body = await response.BytesAsync();

        Assert.Equal(137, AnswerD.Length);
        Assert.Equal(AnswerD, Encoding.UTF8.GetString(body));
        Assert.Equal("137", response.JsonLength());
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Vector_E_half_size_floats_go_through_as_they_are()
    {
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatype.Fp16));

        using var response = await host.PostAsync(
            """{"inputs":[{"name":"x","shape":[2],"datatype":"FP16","parameters":{"binary_data_size":4}}],"parameters":{"binary_data_output":true}}""",
            [0x00, 0x3e, 0x00, 0xc0]);
        var body = await response.BytesAsync();

        Assert.Equal([0x00, 0x3e, 0x00, 0xc0], body[^4..]);
        Assert.Equal((1.5f, -2f), ((float)BitConverter.ToHalf(body.AsSpan()[^4..]), (float)BitConverter.ToHalf(body.AsSpan()[^2..])));
    }

    [Theory]
    [InlineData("FP16", true)]
    [InlineData("BF16", true)]
    [InlineData("FP16", false)]
    [InlineData("BF16", false)]
    public async Task Half_size_floats_in_json_are_refused_with_the_way_out(string datatype, bool inRequest)
    {
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatypes.Parse(datatype)!.Value));

        var error = inRequest
            ? await host.PostAsync($$"""{"inputs":[{"name":"x","shape":[1],"datatype":"{{datatype}}","data":[1]}]}""").ErrorAsync(HttpStatusCode.BadRequest)
            : await host.PostAsync($$$"""{"inputs":[{"name":"x","shape":[1],"datatype":"{{{datatype}}}","parameters":{"binary_data_size":2}}]}""", [0, 0]).ErrorAsync(HttpStatusCode.BadRequest);

        Assert.Equal(
            inRequest
                ? $"input 'x': JSON cannot carry {datatype}; send it as binary data (parameter \"binary_data_size\")."
                : $"output 'y': JSON cannot carry {datatype}; ask for it as binary data (parameter \"binary_data\": true).",
            error);
    }

    private static byte[] Bytes(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
}
