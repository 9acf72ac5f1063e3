using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Decoding;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// Outputs in pairs, a pair a level: categories [B, cells, C] and distributions of four distances [B, cells, 4 x bins].
/// </summary>
/// <param name="Scores">Outputs with the categories, by stride.</param>
/// <param name="Distances">Outputs with the distances, by stride.</param>
/// <param name="Pyramid">The strides.</param>
/// <param name="Categories">C.</param>
/// <param name="Bins">Bins of a distance.</param>
internal sealed record DistributionLevels(IReadOnlyList<string> Scores, IReadOnlyList<string> Distances, Pyramid Pyramid, int Categories, int Bins)
{
    // 8, 11 and 17 bins are what published detectors have; other numbers are read where nothing else fits.
    private static readonly int[] UsualBins = [8, 11, 17];

    /// <summary>Finds them; null when the outputs are not such pairs.</summary>
    public static DistributionLevels? Of(GraphDescription graph, IGraphProbe probe)
    {
        if (YoloInput.Only(graph) is not { } picture || graph.Outputs.Count is not (6 or 8) || !graph.Outputs.All(IsLevel))
            return null;
        var (width, height) = YoloInput.Size(picture, ExportMetadata.Of(graph));
        var shapes = graph.Outputs.ToDictionary(output => output.Name, output
            => output.Shape is [_, > 0, > 0] ? output.Shape : probe.Run(1, width, height, 1).Outputs[output.Name].Shape);
        var pyramid = graph.Outputs.Count == 6 ? new Pyramid(8, 16, 32) : new Pyramid(8, 16, 32, 64);
        var groups = graph.Outputs.GroupBy(output => shapes[output.Name][2]).ToList();
        if (groups.Count != 2 || Ordered(groups[0]) is not { } first || Ordered(groups[1]) is not { } second)
            return null;

        var (one, other) = (groups[0].Key, groups[1].Key);
        // Categories come first in every exporter that is known; their number may be divisible by four as well.
        if (other % 4 == 0 && UsualBins.Contains(other / 4) || (one % 4 != 0 && other % 4 == 0))
            return new DistributionLevels(first, second, pyramid, one, other / 4);
        return one % 4 == 0 && UsualBins.Contains(one / 4) ? new DistributionLevels(second, first, pyramid, other, one / 4) : null;

        IReadOnlyList<string>? Ordered(IEnumerable<GraphTensor> outputs)
        {
            string[] names = [.. outputs.OrderByDescending(output => shapes[output.Name][1]).Select(output => output.Name)];
            return names.Select(name => shapes[name][1]).SequenceEqual(pyramid.Strides.Select(stride => Pyramid.Cells(width, height, stride))) ? names : null;
        }
    }

    /// <summary>Reads the levels; scores that are not scores yet on a probe run get a sigmoid.</summary>
    /// <param name="probe">Runs the graph once.</param>
    /// <param name="width">Width of the input.</param>
    /// <param name="height">Height of the input.</param>
    /// <param name="offset">Where in its cell a place lies.</param>
    public DecodingSpec Decoding(IGraphProbe probe, int width, int height, double offset)
    {
        var run = probe.Run(1, width, height, 1);
        var areLogits = Scores.Any(name => run.Outputs[name].Values.AsSpan().IndexOfAnyExceptInRange(-1e-3f, 1 + 1e-3f) >= 0);
        return new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = Distances },
            Scores = new TensorPart { Outputs = Scores, Activation = areLogits ? Activation.Sigmoid : Activation.None },
            Code = BoxCode.Distribution,
            Units = BoxUnits.Stride,
            Grid = new GridSpec { Strides = Pyramid.Strides, Offset = offset },
            Nms = new NmsSpec { Iou = 0.6 },
        };
    }

    private static bool IsLevel(GraphTensor output)
        => output.Type is TensorElementType.Float or TensorElementType.Float16 && output.Shape is [_, _, > 0];
}
