using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>An output that holds a row of channels for every cell of a pyramid, or for every anchor of every cell.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its shape as the graph tells it.</param>
/// <param name="Channels">Channels of a location.</param>
/// <param name="Locations">Number of locations.</param>
/// <param name="ChannelsFirst">[B, channels, locations], else [B, locations, channels].</param>
/// <param name="Pyramid">The cells.</param>
/// <param name="Picture">The graph's input.</param>
/// <param name="Width">Width of the input at which there are so many locations.</param>
/// <param name="Height">Height of the input at which there are so many locations.</param>
internal sealed record DenseOutput(
    string Name, string Shape, int Channels, int Locations, bool ChannelsFirst, Pyramid Pyramid, PictureTensor Picture, int Width, int Height)
{
    // A probe that finds logits, pixels or scores alike: families differ in the range that they are fed.
    private const double ProbeScale = 255;

    /// <summary>Dimensions for <see cref="Decoding.TensorPart.Axes"/>.</summary>
    public string Axes => ChannelsFirst ? "bcn" : "bnc";

    /// <summary>Finds the dense outputs of a graph that takes one picture.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="probe">Asked for shapes that the graph leaves open.</param>
    /// <param name="perCell">Locations of a cell.</param>
    /// <returns>In the graph's order; empty when there are none.</returns>
    public static IReadOnlyList<DenseOutput> All(GraphDescription graph, IGraphProbe probe, int perCell = 1)
    {
        if (YoloInput.Only(graph) is not { } picture || !MayBeDense(graph))
            return [];
        var (width, height) = YoloInput.Size(picture, ExportMetadata.Of(graph));
        return [.. graph.Outputs.Where(IsCandidate).Select(Read).OfType<DenseOutput>()];

        DenseOutput? Read(GraphTensor output)
        {
            var shape = output.Shape is [_, > 0, > 0] ? output.Shape : probe.Run(1, width, height, ProbeScale).Outputs[output.Name].Shape;
            if (shape is not [_, var first, var second])
                return null;
            if (Pyramid.Of(first, width, height, perCell) is { } rows && second < first)
                return new DenseOutput(output.Name, output.ShapeText, second, first, ChannelsFirst: false, rows, picture, width, height);
            return Pyramid.Of(second, width, height, perCell) is { } columns && first < second
                ? new DenseOutput(output.Name, output.ShapeText, first, second, ChannelsFirst: true, columns, picture, width, height)
                : null;
        }
    }

    /// <summary>The values of a probe run.</summary>
    /// <exception cref="ModelOutputException">The graph does not run.</exception>
    public DenseValues Probe(IGraphProbe probe)
        => new(probe.Run(1, Width, Height, ProbeScale).Outputs[Name].Values, Locations, Channels, ChannelsFirst);

    /// <summary>What to say of an output that looks dense but has another number of locations than its input has cells; null when there is none.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="locations">Number of locations of an output; null when it does not look dense.</param>
    /// <param name="perCell">Locations of a cell.</param>
    public static string? WrongLocations(GraphDescription graph, Func<GraphTensor, int?> locations, int perCell)
    {
        if (YoloInput.Only(graph) is not { Width: { } width, Height: { } height })
            return null;
        var output = graph.Outputs.FirstOrDefault(output => locations(output) is { } count && Pyramid.Of(count, width, height, perCell) is null);
        return output is null
            ? null
            : $"output {output.Name} {output.ShapeText} should have {new Pyramid(8, 16, 32).Cells(width, height) * perCell} locations for {width} x {height} pixels";
    }

    /// <summary>A run is worth its time only where it may tell something: beside rows of several tensors, shapes tell enough.</summary>
    private static bool MayBeDense(GraphDescription graph)
        => graph.Outputs.All(output => output.Shape is not null && (output.Shape.Count != 3 || output.Shape.Skip(1).All(side => side > 0)))
            || (graph.Outputs.Count <= 2 && graph.Outputs.All(output => output.Type is TensorElementType.Float or TensorElementType.Float16));

    private static bool IsCandidate(GraphTensor output)
        => output.Type is TensorElementType.Float or TensorElementType.Float16 && output.Shape is null or { Count: 3 };
}
