using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>The input of a foreign graph that takes the picture.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Layout">The order of its dimensions.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Width">Its width; null where dynamic.</param>
/// <param name="Height">Its height; null where dynamic.</param>
internal sealed record PictureTensor(string Name, TensorLayout Layout, PixelType Type, int? Width, int? Height)
{
    private static readonly double[] ImageNetMean = [0.485, 0.456, 0.406];
    private static readonly double[] ImageNetStd = [0.229, 0.224, 0.225];

    /// <summary>True when both sides are given by the graph.</summary>
    public bool IsFixed => Width is not null && Height is not null;

    /// <summary>Finds it: the only input of three or four dimensions of which one is, or may be, the three colours. Null when there is none, or several.</summary>
    public static PictureTensor? Of(GraphDescription graph)
    {
        var fitting = graph.Inputs.Select(Read).OfType<PictureTensor>().ToList();
        return fitting.Count == 1 ? fitting[0] : null;
    }

    /// <summary>An input of this tensor: 0..255, RGB, bilinear as OpenCV has it, no colour profiles; sides that the graph leaves open are as given.</summary>
    public InputSpec Plain(int width, int height) => new()
    {
        Name = Name,
        Width = Width ?? width,
        Height = Height ?? height,
        Layout = Layout,
        Type = Type,
        Filter = ResizeFilter.Bilinear,
        ColourManaged = false,
    };

    /// <summary>As <see cref="Plain"/>, with values 0..1. A tensor of bytes takes them as they are.</summary>
    public InputSpec Unit(int width, int height)
        => Type == PixelType.Uint8 ? Plain(width, height) : Plain(width, height) with { Scale = 1.0 / 255 };

    /// <summary>As <see cref="Unit"/>, less ImageNet's mean colour and divided by its deviation.</summary>
    public InputSpec ImageNet(int width, int height)
        => Type == PixelType.Uint8 ? Plain(width, height) : Unit(width, height) with { Mean = ImageNetMean, Std = ImageNetStd };

    private static PictureTensor? Read(GraphTensor tensor)
    {
        PixelType? type = tensor.Type switch
        {
            TensorElementType.Float => PixelType.Float32,
            TensorElementType.Float16 => PixelType.Float16,
            TensorElementType.UInt8 => PixelType.Uint8,
            _ => null,
        };
        if (type is null || tensor.Shape is null)
            return null;
        return tensor.Shape switch
        {
            [_, 3, var height, var width] => Of(TensorLayout.Nchw, width, height),
            [_, var height, var width, 3] => Of(TensorLayout.Nhwc, width, height),
            [3, var height, var width] => Of(TensorLayout.Chw, width, height),
            [var height, var width, 3] => Of(TensorLayout.Hwc, width, height),
            // Exports that keep even the channels symbolic: bytes come from TensorFlow, floats from PyTorch.
            [_, -1, -1, -1] => Of(type == PixelType.Uint8 ? TensorLayout.Nhwc : TensorLayout.Nchw, -1, -1),
            [-1, -1, -1] => Of(type == PixelType.Uint8 ? TensorLayout.Hwc : TensorLayout.Chw, -1, -1),
            _ => null,
        };

        PictureTensor Of(TensorLayout layout, int width, int height)
            => new(tensor.Name, layout, type.Value, width < 0 ? null : width, height < 0 ? null : height);
    }
}
