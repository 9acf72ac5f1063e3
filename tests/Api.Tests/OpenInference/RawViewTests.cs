using System.Net;
using System.Runtime.InteropServices;
using Serve.Api.Tests.Support;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;

namespace Serve.Api.Tests.OpenInference;

/// <summary>The graph's own tensors.</summary>
public class RawViewTests(ServeFixture serve)
{
    private static readonly InputSpec Input = new() { Name = "images", Width = 64, Height = 48 };

    [Fact]
    public async Task The_graphs_own_tensors_go_in_and_come_out()
    {
        var tensor = TensorOf(TestPictures.Png(3));

        var answer = await serve.Client.InferAsync("shapes.raw", Request(1, tensor.Length), tensor).OutputsAsync();

        Assert.Equal(("shapes.raw", "2"), ((string)answer.Json["model_name"]!, (string)answer.Json["model_version"]!));
        Assert.Equal([1, 3, 4], answer.Shape("boxes"));
        Assert.Equal(("FP32", "INT64"), (answer.Datatype("scores"), answer.Datatype("labels")));
        Assert.Equal(answer.Values<float>("scores").OrderDescending(), answer.Values<float>("scores"));
    }

    [Fact]
    public async Task A_batch_gives_what_its_pictures_give_alone()
    {
        byte[][] tensors = [TensorOf(TestPictures.Png(1)), TensorOf(TestPictures.Png(2))];

        var both = await serve.Client.InferAsync("shapes.raw", Request(2, 2 * tensors[0].Length), [.. tensors[0], .. tensors[1]]).OutputsAsync();

        var alone = new List<float>();
        foreach (var tensor in tensors)
            alone.AddRange((await serve.Client.InferAsync("shapes.raw", Request(1, tensor.Length), tensor).OutputsAsync()).Values<float>("boxes"));
        Assert.Equal(alone, both.Values<float>("boxes"));
    }

    [Fact]
    public async Task Json_and_a_block_give_the_same()
    {
        var tensor = TensorOf(TestPictures.Png(2));
        var numbers = string.Join(',', MemoryMarshal.Cast<byte, float>(tensor).ToArray().Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)));

        var json = await serve.Client.InferAsync("shapes.raw", $$"""{"inputs":[{"name":"images","shape":[1,3,48,64],"datatype":"FP32","data":[{{numbers}}]}]}""").OutputsAsync();

        var block = await serve.Client.InferAsync("shapes.raw", Request(1, tensor.Length), tensor).OutputsAsync();
        Assert.Equal(block.Values<float>("scores"), json.Values<float>("scores"));
    }

    [Fact]
    public async Task Only_the_outputs_asked_for_come_back()
    {
        var tensor = TensorOf(TestPictures.Png());

        var answer = await serve.Client.InferAsync("shapes.raw", Request(1, tensor.Length, """,{"name":"labels"},{"name":"scores","parameters":{"binary_data":true}}"""), tensor).OutputsAsync();

        Assert.Equal(["labels", "scores"], answer.Json["outputs"]!.AsArray().Select(output => (string)output!["name"]!));
        Assert.Equal((3, 3), (answer.Values<long>("labels").Length, answer.Values<float>("scores").Length));
    }

    [Fact]
    public async Task Picture_files_are_made_into_the_graphs_input()
    {
        byte[][] pictures = [TestPictures.Png(1), TestPictures.Jpeg(2, 100, 80)];

        var answer = await serve.Client.InferPicturesAsync("shapes.raw", pictures, """{"binary_data_output":true}""", input: "images").OutputsAsync();

        var tensor = TensorOf(pictures[0]).Concat(TensorOf(pictures[1])).ToArray();
        var same = await serve.Client.InferAsync("shapes.raw", Request(2, tensor.Length), tensor).OutputsAsync();
        Assert.Equal(same.Values<float>("boxes"), answer.Values<float>("boxes"));
        Assert.Equal(same.Values<float>("scores"), answer.Values<float>("scores"));
    }

    [Fact]
    public async Task The_bytes_of_the_only_input_are_a_raw_request()
    {
        var tensor = TensorOf(TestPictures.Png(3));
        using var content = new ByteArrayContent(tensor);
        content.Headers.Add("Inference-Header-Content-Length", "0");

        var answer = await serve.Client.PostAsync("/v2/models/shapes.raw/infer", content, TestContext.Current.CancellationToken).OutputsAsync();

        var same = await serve.Client.InferAsync("shapes.raw", Request(1, tensor.Length), tensor).OutputsAsync();
        Assert.Equal(same.Values<float>("boxes"), answer.Values<float>("boxes"));
    }

    [Theory]
    [InlineData("""{"name":"images","shape":[1,3,48,63],"datatype":"FP32","parameters":{"binary_data_size":36288}}""", 36288, "input 'images': shape [1, 3, 48, 63] does not fit; the model takes FP32 [-1, 3, 48, 64] or BYTES [-1] (-1: any).")]
    [InlineData("""{"name":"images","shape":[0,3,48,64],"datatype":"FP32","parameters":{"binary_data_size":0}}""", 0, "input 'images': its shape [0, 3, 48, 64] has no elements; a graph is run on one or more.")]
    [InlineData("""{"name":"images","shape":[1,3,48,64],"datatype":"UINT8","parameters":{"binary_data_size":9216}}""", 9216, "input 'images': datatype UINT8 does not fit; the model takes FP32 [-1, 3, 48, 64] or BYTES [-1] (-1: any).")]
    public async Task What_does_not_fit_the_graph_is_400(string input, int bytes, string expected)
        => Assert.StartsWith(expected, await serve.Client.InferAsync("shapes.raw", $$"""{"inputs":[{{input}}]}""", new byte[bytes]).ErrorAsync(HttpStatusCode.BadRequest));

    private static string Request(int batch, int bytes, string outputs = "")
        => $$$"""{"inputs":[{"name":"images","shape":[{{{batch}}},3,48,64],"datatype":"FP32","parameters":{"binary_data_size":{{{bytes}}}}}]"""
            + (outputs.Length == 0 ? "}" : $",\"outputs\":[{outputs[1..]}]}}");

    private static byte[] TensorOf(byte[] file)
    {
        var picture = PictureDecoder.Decode(file, new PictureLimits());
        var plan = ResizePlan.For(Input, picture.Width, picture.Height);
        var tensor = new byte[InputTensor.ByteLength(Input, plan)];
        InputTensor.Write(picture, Input, plan, tensor);
        return tensor;
    }
}
