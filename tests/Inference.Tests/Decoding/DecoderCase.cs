using Serve.Eval.Datasets;
using Serve.Inference.Decoding;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Tests.Decoding;

/// <summary>Decodes hand-written outputs.</summary>
internal static class DecoderCase
{
    public static InputSpec Input { get; } = new() { Width = 32, Height = 32, Resize = ResizeRule.Stretch };

    /// <summary>The picture has the input's size: boxes stay as they are.</summary>
    public static ResizePlan Plan { get; } = ResizePlan.For(Input, 32, 32);

    public static IReadOnlyList<Category> Categories(int count) => [.. Enumerable.Range(0, count).Select(i => new Category(i + 1, $"c{i}"))];

    public static TestTensor Tensor(string name, string axes, int[] shape, params float[] values)
    {
        var tensor = new TestTensor(name, axes, shape);
        values.CopyTo(tensor.Values, 0);
        return tensor;
    }

    public static TensorPart Part(string output, string axes, int from = 0, int channels = 0) => new() { Outputs = [output], Axes = axes, From = from, Channels = channels };

    public static List<DetectedObject> Decode(
        DecodingSpec spec, IReadOnlyList<TestTensor> tensors, int categories = 2, int picture = 0, double threshold = 0.25, ResizePlan? plan = null, int most = 100)
    {
        var decoder = OutputDecoder.Create(spec, Input, Categories(categories));
        var outputs = decoder.Outputs.Select(name => tensors.Single(tensor => tensor.Name == name).ToOrt()).ToList();
        var detections = new List<DetectedObject>();
        decoder.Decode(outputs, picture, plan ?? Plan, new DetectionOptions(MaxDetections: most), threshold, detections);
        outputs.ForEach(output => output.Dispose());
        return detections;
    }
}
