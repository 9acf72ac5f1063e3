using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Serve.Api.OpenInference;

namespace Serve.Api.Tests.OpenInference;

/// <summary>Blocks after the JSON, and the header with its length.</summary>
public class BinaryDataTests
{
    private const string TwoFloats = """{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}""";

    [Theory]
    [InlineData("0", HttpStatusCode.BadRequest)]            // raw: the JSON's bytes are no whole number of floats
    [InlineData("91", HttpStatusCode.OK)]
    [InlineData("90", HttpStatusCode.BadRequest)]
    [InlineData("92", HttpStatusCode.BadRequest)]
    [InlineData("-1", HttpStatusCode.BadRequest)]
    [InlineData("+91", HttpStatusCode.BadRequest)]
    [InlineData("abc", HttpStatusCode.BadRequest)]
    [InlineData("91,91", HttpStatusCode.BadRequest)]
    [InlineData("9.1e1", HttpStatusCode.BadRequest)]
    [InlineData("100", HttpStatusCode.BadRequest)]
    [InlineData("2147483648", HttpStatusCode.BadRequest)]
    [InlineData("18446744073709551616", HttpStatusCode.BadRequest)]
    public async Task The_length_of_the_json_is_believed_only_when_it_is_right(string header, HttpStatusCode expected)
    {
        Assert.Equal(91, TwoFloats.Length);
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatype.Fp32));

        using var response = await host.PostAsync(TwoFloats, new byte[8], header);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Without_the_header_the_whole_body_is_json()
    {
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatype.Fp32));

        var error = await host.PostAsync(TwoFloats).ErrorAsync(HttpStatusCode.BadRequest);

        Assert.Equal("input 'x': expecting 8 additional bytes: its block has 8, the body has 0 left.", error);
    }

    [Theory]
    [InlineData(8, 7, "input 'x': expecting 1 additional bytes: its block has 8, the body has 7 left.")]
    [InlineData(8, 9, "unexpected additional input data: 1 bytes are left after the last input.")]
    [InlineData(4, 4, "input 'x': 4 bytes, but FP32 of shape [2] takes 8.")]
    [InlineData(12, 12, "input 'x': 12 bytes, but FP32 of shape [2] takes 8.")]
    public async Task A_block_is_exactly_as_long_as_its_tensor(int size, int sent, string expected)
    {
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatype.Fp32));

        var error = await host.PostAsync(
            $$$"""{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":{{{size}}}}}]}""", new byte[sent]).ErrorAsync(HttpStatusCode.BadRequest);

        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("[1]", "05 00 00 00 61 62 63", "input 'x': element 0 has 5 bytes, but its block has 3 left.")]
    [InlineData("[1]", "ff ff ff ff 61", "input 'x': element 0 has 4294967295 bytes, but its block has 1 left.")]
    [InlineData("[2]", "01 00 00 00 61", "input 'x': its block of 5 bytes ends before its 2 elements, each after its length in 4 bytes.")]
    [InlineData("[2]", "03 00 00 00 61 62 63 00", "input 'x': its block of 8 bytes ends before element 1 of 2.")]
    [InlineData("[1]", "01 00 00 00 61 62", "input 'x': its block has 1 bytes after the last of its 1 elements.")]
    [InlineData("[1000000000]", "00 00 00 00", "input 'x': 1000000000 BYTES elements; at most 1048576 are allowed.")]
    public async Task Strings_end_where_their_block_ends(string shape, string hex, string expected)
    {
        var block = Hex(hex);
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatype.Bytes));

        var error = await host.PostAsync(
            $$$"""{"inputs":[{"name":"x","shape":{{{shape}}},"datatype":"BYTES","parameters":{"binary_data_size":{{{block.Length}}}}}]}""", block).ErrorAsync(HttpStatusCode.BadRequest);

        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("FP32", true)]
    [InlineData("BYTES", true)]
    [InlineData("FP32", false)]
    public async Task A_tensor_without_elements_has_a_block_without_bytes(string datatype, bool withHeader)
    {
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatypes.Parse(datatype)!.Value));

        using var response = await host.PostAsync(
            $$$"""{"inputs":[{"name":"x","shape":[0],"datatype":"{{{datatype}}}","parameters":{"binary_data_size":0}}]}""", withHeader ? [] : null);

        Assert.Contains("\"data\":[]", Encoding.UTF8.GetString(await response.BytesAsync()));
    }

    [Fact]
    public async Task Any_byte_but_zero_is_true()
    {
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatype.Bool));

        using var response = await host.PostAsync(
            """{"inputs":[{"name":"x","shape":[3],"datatype":"BOOL","parameters":{"binary_data_size":3}}]}""", [0, 1, 255]);

        Assert.Contains("\"data\":[false,true,true]", Encoding.UTF8.GetString(await response.BytesAsync()));
    }

    [Theory]
    [InlineData("FP32", "[2]", "00 00 80 3f 00 00 00 40", "[1,2]")]
    [InlineData("BYTES", "[1]", "02 00 00 00 61 62", "[\"ab\"]")]
    public async Task An_input_may_leave_its_size_to_its_shape(string datatype, string shape, string hex, string expected)
    {
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatypes.Parse(datatype)!.Value));

        using var response = await host.PostAsync($$"""{"inputs":[{"name":"x","shape":{{shape}},"datatype":"{{datatype}}"}]}""", Hex(hex));

        Assert.Contains($"\"data\":{expected}", Encoding.UTF8.GetString(await response.BytesAsync()));
    }

    [Theory]
    [InlineData("", "", "json,json")]
    [InlineData(""","parameters":{"binary_data_output":true}""", "", "block,block")]
    [InlineData(""","parameters":{"binary_data_output":true}""", """[{"name":"p"},{"name":"q"}]""", "block,block")]
    [InlineData(""","parameters":{"binary_data_output":true}""", """[{"name":"p","parameters":{"binary_data":false}},{"name":"q"}]""", "json,block")]
    [InlineData(""","parameters":{"binary_data_output":false}""", """[{"name":"p"},{"name":"q","parameters":{"binary_data":true}}]""", "json,block")]
    [InlineData("", """[{"name":"p","parameters":{"binary_data":true}},{"name":"q","parameters":{"binary_data":false}}]""", "block,json")]
    public async Task Each_output_goes_out_as_the_request_asks(string parameters, string outputs, string expected)
    {
        var view = new TestView(
            [new ViewTensor("x", TensorDatatype.Int32, 1)], [new ViewTensor("p", TensorDatatype.Int32, 1), new ViewTensor("q", TensorDatatype.Int16, 1)],
            _ => [new("p", TensorDatatype.Int32, [1], BitConverter.GetBytes(258)), new("q", TensorDatatype.Int16, [1], BitConverter.GetBytes((short)3))]);
        await using var host = await ViewHost.StartAsync(view);
        var wanted = outputs.Length == 0 ? "" : $",\"outputs\":{outputs}";

        using var response = await host.PostAsync($$"""{"inputs":[{"name":"x","shape":[1],"datatype":"INT32","data":[1]}]{{parameters}}{{wanted}}}""");
        var body = await response.BytesAsync();

        var length = response.JsonLength() is { } header ? int.Parse(header, CultureInfo.InvariantCulture) : body.Length;
        var got = JsonNode.Parse(body.AsSpan(0, length))!["outputs"]!.AsArray();
        Assert.Equal(expected, string.Join(',', got.Select(output => output!.AsObject().ContainsKey("data") ? "json" : "block")));
        byte[] blocks = [.. expected.StartsWith("block", StringComparison.Ordinal) ? [2, 1, 0, 0] : Array.Empty<byte>(), .. expected.EndsWith("block", StringComparison.Ordinal) ? [3, 0] : Array.Empty<byte>()];
        Assert.Equal(blocks, body[length..]);
    }

    [Theory]
    [InlineData("FP32", "00 00 c0 7f", "NaN")]
    [InlineData("FP32", "00 00 80 ff", "-Infinity")]
    [InlineData("FP64", "00 00 00 00 00 00 f0 7f", "Infinity")]
    [InlineData("BYTES", "01 00 00 00 ff", "bytes that are no UTF-8")]
    public async Task What_json_cannot_carry_is_500_with_the_way_out_and_fine_as_a_block(string datatype, string hex, string what)
    {
        var block = Hex(hex);
        await using var host = await ViewHost.StartAsync(TestView.Echo(TensorDatatypes.Parse(datatype)!.Value));
        var input = $$$"""{"name":"x","shape":[1],"datatype":"{{{datatype}}}","parameters":{"binary_data_size":{{{block.Length}}}}}""";

        var error = await host.PostAsync($$"""{"inputs":[{{input}}]}""", block).ErrorAsync(HttpStatusCode.InternalServerError);
        using var response = await host.PostAsync($$$"""{"inputs":[{{{input}}}],"parameters":{"binary_data_output":true}}""", block);

        Assert.Equal($"output 'y' has {what}, which JSON cannot carry: request output 'y' as binary (parameter \"binary_data\": true).", error);
        Assert.Equal(block, (await response.BytesAsync())[^block.Length..]);
    }

    private static byte[] Hex(string text) => [.. text.Split(' ').Select(pair => byte.Parse(pair, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
}
