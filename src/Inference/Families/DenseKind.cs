using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>What the channels of a location stand for, where a cell is one location: YOLOv6, YOLOv8, YOLOX and NanoDet share their shapes.</summary>
internal enum DenseKind
{
    /// <summary>None of these.</summary>
    Unknown,

    /// <summary>Box, then categories (YOLOv8).</summary>
    Categories,

    /// <summary>Box, a one, categories (YOLOv6).</summary>
    ConstantObjectness,

    /// <summary>Decoded box, objectness, categories (YOLOX).</summary>
    Objectness,

    /// <summary>Offsets and log sizes, objectness, categories (YOLOX).</summary>
    RawObjectness,

    /// <summary>Categories, then distributions of distances (NanoDet).</summary>
    Distribution,
}

/// <summary>Tells the kinds of dense rows [B, locations, channels] apart.</summary>
internal static class DenseKinds
{
    // On noise objectness is close to 0, while categories, trained only where there is an object, are anything.
    private const double CategoriesOverObjectness = 10;

    private static readonly int[] DistributionChannels = [32, 44, 68];

    /// <summary>Tells the kind, and why.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="output">Its dense output.</param>
    /// <param name="probe">Runs the graph once.</param>
    public static (DenseKind Kind, string Why) Of(GraphDescription graph, DenseOutput output, IGraphProbe probe)
    {
        var names = ExportMetadata.Of(graph).Names;
        if (output.ChannelsFirst)
            return (DenseKind.Categories, "channels stand before locations: no objectness");

        var values = output.Probe(probe);
        if (!values.IsKnown)
            return (DenseKind.Unknown, "a probe run gave no values");
        if (output.Channels > 5 && values.IsOne(4) && values.AreScores(5, output.Channels))
            return (DenseKind.ConstantObjectness, "on noise channel 4 is one everywhere: an objectness without a meaning");
        if (output.Channels > 4 && values.AreScores(4, output.Channels))
        {
            if (output.Channels > 5 && values.AreCellOffsets(output.Pyramid, output.Width, output.Height))
                return (DenseKind.RawObjectness, "on noise channels 0 and 1 are offsets in their cells, and those from 4 on scores");
            var (hasObjectness, why) = HasObjectness(graph, output, values, names);
            return (hasObjectness ? DenseKind.Objectness : DenseKind.Categories, $"on noise channels 0 and 1 are places in the input; {why}");
        }

        return Categories(output, values, names) is { } categories
            ? (DenseKind.Distribution, $"on noise the first {categories} channels are scores, and the other {output.Channels - categories} are not: distributions of four distances")
            : (DenseKind.Unknown, "on noise channels are neither box and scores nor scores and distributions");
    }

    /// <summary>The number of categories of <see cref="DenseKind.Distribution"/>; null when the channels are not so.</summary>
    public static int? Categories(DenseOutput output, DenseValues values, int? names)
    {
        var leading = values.LeadingScores();
        var possible = DistributionChannels.Select(channels => output.Channels - channels).Where(count => count >= 1 && count <= leading).ToList();
        return possible.Count == 0 ? null
            : names is { } known && possible.Contains(known) ? known
            : possible.Contains(80) ? 80
            : possible[0];
    }

    private static (bool HasObjectness, string Why) HasObjectness(GraphDescription graph, DenseOutput output, DenseValues values, int? names)
    {
        if (names == output.Channels - 5)
            return (true, $"the metadata name {names} categories, so channel 4 is an objectness");
        if (names == output.Channels - 4)
            return (false, $"the metadata name {names} categories, so there is no objectness");
        if (graph.Mentions("obj_pred", "obj_conv"))
            return (true, "layers are named after an objectness");
        if (output.Channels is 84 or 85)
            return (output.Channels == 85, $"{output.Channels} channels are COCO's 80 categories with{(output.Channels == 85 ? "" : "out")} an objectness");
        var ratio = values.MedianOfHighest(5, output.Channels) / Math.Max(1e-12, values.MedianOfHighest(4, 5));
        return ratio > CategoriesOverObjectness
            ? (true, $"on noise channel 4 is {ratio:0} times smaller than the best of the others: an objectness")
            : (false, "on noise channel 4 is no smaller than the others: no objectness");
    }
}
