using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// RetinaFace (PyTorch): boxes [B, N, 4] and five landmarks [B, N, 10] as deltas to anchors, scores [B, N, 2] (background, face). BGR less the mean colour.
/// </summary>
/// <remarks>
/// Two square anchors a cell at strides 8, 16, 32. The authors run it on pictures as they are; an export of fixed size gets a letterbox at the top left, zero
/// after the mean is subtracted.
/// </remarks>
internal sealed class RetinaFace : ModelFamily
{
    private const int LargestSide = 1600;
    private static readonly int[] Strides = [8, 16, 32];
    private static readonly double[][] Sizes = [[16, 32], [64, 128], [256, 512]];

    /// <inheritdoc/>
    public override string Name => "retinaface";

    /// <inheritdoc/>
    public override string Title => "RetinaFace, MobileNet and ResNet: faces with five landmarks.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (PictureTensor.Of(graph) is not { } picture || Outputs(graph) is not var (boxes, scores, landmarks))
            return null;
        if (picture.IsFixed && boxes.Side(1) is { } locations && locations != Locations(picture.Width!.Value, picture.Height!.Value))
            return null;

        var input = picture.Plain(LargestSide, LargestSide) with
        {
            Resize = picture.IsFixed ? ResizeRule.LetterboxTopLeft : ResizeRule.Keep,
            OneFactor = true,
            SizeMultiple = picture.IsFixed ? 1 : 32,
            ChannelOrder = "bgr",
            Mean = [104, 117, 123],
            PadAfterNormalising = true,
        };
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [boxes.Name] },
            Scores = new TensorPart { Outputs = [scores.Name], Activation = graph.Uses("Softmax") ? Activation.None : Activation.Softmax },
            Code = BoxCode.Deltas,
            Variances = [0.1, 0.2],
            Grid = new GridSpec
            {
                Strides = [.. Strides],
                Anchors = [.. Sizes.Select(level => (IReadOnlyList<IReadOnlyList<double>>)[.. level.Select(size => (IReadOnlyList<double>)[size, size])])],
            },
            Background = 0,
            Nms = new NmsSpec { Iou = 0.4 },
            Keypoints = new KeypointSpec
            {
                Part = new TensorPart { Outputs = [landmarks.Name] },
                Code = BoxCode.Deltas,
                Names = ["left eye", "right eye", "nose", "left mouth corner", "right mouth corner"],
            },
        };
        return new Recognition(input, decoding, 1, 0.5,
        [
            $"outputs {boxes.Name} {boxes.ShapeText}, {scores.Name} {scores.ShapeText} and {landmarks.Name} {landmarks.ShapeText} are RetinaFace's: two anchors a cell at strides 8, 16, 32",
            "BGR less the mean colour (104, 117, 123)",
            picture.IsFixed ? "the size is fixed: letterbox at the top left, zero after the mean" : $"sides are dynamic: pictures go in as they are, up to {LargestSide} pixels a side",
        ])
        {
            Evidence = Evidence.Names,
            Names = ["face"],
        };
    }

    private static (GraphTensor Boxes, GraphTensor Scores, GraphTensor Landmarks)? Outputs(GraphDescription graph)
    {
        if (graph.Outputs.Count != 3)
            return null;
        var boxes = graph.Outputs.FirstOrDefault(output => output.Shape is [_, _, 4]);
        var scores = graph.Outputs.FirstOrDefault(output => output.Shape is [_, _, 2]);
        var landmarks = graph.Outputs.FirstOrDefault(output => output.Shape is [_, _, 10]);
        return boxes is not null && scores is not null && landmarks is not null ? (boxes, scores, landmarks) : null;
    }

    private static int Locations(int width, int height)
        => Strides.Zip(Sizes, (stride, sizes) => (width + stride - 1) / stride * ((height + stride - 1) / stride) * sizes.Length).Sum();
}
