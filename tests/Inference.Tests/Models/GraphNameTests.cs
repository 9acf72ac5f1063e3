using Serve.Inference.Models;

namespace Serve.Inference.Tests.Models;

public sealed class GraphNameTests
{
    [Theory]
    [InlineData("/m/yolo.onnx", "yolo")]
    [InlineData("/m/yolo/model.onnx", "yolo")]
    [InlineData("/m/yolo/12/model.onnx", "yolo")]
    [InlineData("/m/yolo/v2/model.onnx", "v2")]
    [InlineData("/m/yolo v8 (nano).onnx", "yolo-v8--nano-")]
    [InlineData("/m/.hidden.onnx", "hidden")]
    [InlineData("/m/\u00e9.onnx", "model")]
    [InlineData("/model.onnx", "model")]
    public void A_model_is_named_after_its_file_or_folder(string path, string expected)
    {
        var name = GraphName.Of(path);

        Assert.Equal(expected, name);
        Assert.True(PassportRules.IsName(name));
    }
}
