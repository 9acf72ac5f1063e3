using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Tests.Models;

/// <summary>Detectors trained by others, as they are copied in: their own record beside them is no passport.</summary>
public sealed class RealModelResolverTests
{
    [Theory]
    [InlineData("yolox-nano", "yolox", 416, 80)]
    [InlineData("yolox-nano-decoded", "yolox", 416, 80)]
    [InlineData("yolov8n-int8", "yolov8", 640, 80)]
    [InlineData("yolov8n-seg-int8", "yolov8", 320, 80)]
    [InlineData("yolo26n-int8", "yolo-end-to-end", 640, 80)]
    [InlineData("picodet-s-320", "picodet", 320, 80)]
    public void A_real_file_is_recognised(string model, string family, int side, int categories)
    {
        var resolved = Resolve(model);

        Assert.Equal(family, resolved.Family);
        Assert.Equal((side, side, categories), (resolved.Passport.Input.Width, resolved.Passport.Input.Height, resolved.Passport.Categories.Count));
        Assert.Equal((0, "person"), (resolved.Passport.Categories[0].Id, resolved.Passport.Categories[0].Name));
        Assert.Contains("model.json beside the graph has no \"schema\": it is another program's record and was set aside", resolved.Explanation);
        Assert.Equal((model, 3), (resolved.Passport.Name, resolved.Passport.Version));
        Assert.Equal(resolved.Passport.ToJson(), Passport.FromJson(resolved.Passport.ToJson()).ToJson());
    }

    [Fact]
    public void A_probe_run_tells_whether_the_grid_of_YOLOX_is_decoded()
    {
        var raw = Resolve("yolox-nano").Passport;
        var decoded = Resolve("yolox-nano-decoded").Passport;

        Assert.Equal((BoxCode.GridExp, BoxCode.Cxcywh), (raw.Decoding!.Code, decoded.Decoding!.Code));
        Assert.Equal([8.0, 16.0, 32.0], raw.Decoding.Grid!.Strides);
        Assert.Null(decoded.Decoding.Grid);
        Assert.Equal(("bgr", ResizeRule.LetterboxTopLeft, 114.0, SizeRounding.Down), (raw.Input.ChannelOrder, raw.Input.Resize, raw.Input.PadValue, raw.Input.Rounding));
    }

    [Fact]
    public void Names_come_from_the_metadata_before_the_file_beside()
    {
        var ultralytics = Resolve("yolov8n-int8").Explanation;
        var picodet = Resolve("picodet-s-320").Explanation;

        Assert.Contains("names of the 80 categories are those of the metadata 'names'", ultralytics);
        Assert.Contains("names of the 80 categories are those of labels.txt", picodet);
    }

    [Fact]
    public void Segmentation_has_coefficients_behind_the_categories()
    {
        var masks = Resolve("yolov8n-seg-int8").Passport.Decoding!.Masks!;

        Assert.Equal(("output1", MaskFrame.Prototypes), (masks.Output, masks.Frame));
        Assert.Equal((84, 32, "bcn"), (masks.Coefficients!.From, masks.Coefficients.Channels, masks.Coefficients.Axes));
    }

    private static ResolvedModel Resolve(string model)
    {
        var path = TestFiles.Shared($"models/{model}/model.onnx");
        var graph = OnnxFile.Describe(path);
        using var probe = new GraphProbe(path, graph);
        return ModelResolver.Resolve(path, graph, probe, model, 3);
    }
}
