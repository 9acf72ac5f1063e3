using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>An output of raw values over the cells of a stride, as the last convolution of a head leaves it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsSplit">[B, 3, H, W, channels], else [B, channels, H, W].</param>
/// <param name="Channels">Channels of a cell, or of one of its three anchors where they are split.</param>
/// <param name="Columns">W</param>
/// <param name="Rows">H</param>
internal sealed record HeadMap(string Name, bool IsSplit, int Channels, int Columns, int Rows)
{
    /// <summary>Anchors of a cell in the YOLO line.</summary>
    public const int AnchorsPerCell = 3;

    /// <summary>True for an output whose shape may be that of a head.</summary>
    public static bool MayBe(GraphTensor output)
        => output.Type is TensorElementType.Float or TensorElementType.Float16 && output.Shape is [_, AnchorsPerCell, _, _, > 5 or -1] or [_, > 0, _, _];

    /// <summary>The outputs as maps over an input, the finest first; null when one is none, or its cells are not those of a stride of 4 to 128.</summary>
    public static IReadOnlyList<HeadMap>? All(GraphDescription graph, IGraphProbe probe, int width, int height)
    {
        if (!graph.Outputs.All(MayBe))
            return null;
        var maps = graph.Outputs.Select(output => Of(output, probe, width, height)).ToList();
        return maps.All(map => map is not null && map.Fits(width, height)) ? [.. maps.OrderByDescending(map => map!.Columns).Cast<HeadMap>()] : null;
    }

    /// <summary>Input pixels from cell to cell.</summary>
    public double Stride(int width) => (double)width / Columns;

    private static HeadMap? Of(GraphTensor output, IGraphProbe probe, int width, int height)
    {
        var shape = output.Shape!.Skip(1).All(side => side > 0) ? output.Shape! : probe.Run(1, width, height, 1).Outputs[output.Name].Shape;
        return shape switch
        {
            [_, AnchorsPerCell, var rows, var columns, var channels] => new HeadMap(output.Name, true, channels, columns, rows),
            [_, var channels, var rows, var columns] => new HeadMap(output.Name, false, channels, columns, rows),
            _ => null,
        };
    }

    private bool Fits(int width, int height)
        => Stride(width) is >= 4 and <= 128 and var stride && double.IsInteger(stride) && Rows == (int)Math.Ceiling(height / stride);
}
