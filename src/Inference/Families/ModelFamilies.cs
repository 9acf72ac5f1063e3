using Serve.Eval;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>The families that are known.</summary>
internal static class ModelFamilies
{
    /// <summary>All of them, in the order in which messages and documents list them.</summary>
    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        new YoloV8(),
        new YoloV8Heads(),
        new YoloEndToEnd(),
        new YoloV5(),
        new YoloV5Heads(),
        new YoloV7EndToEnd(),
        new YoloV6(),
        new Yolox(),
        new YoloV4(),
        new YoloNas(),
        new DamoYolo(),
        new PpYoloE(),
        new PicoDet(),
        new NanoDet(),
        new Detr(),
        new RtDetr(),
        new RtDetrRows(),
        new Torchvision(),
        new Detectron(),
        new Ssd(),
        new UltraFace(),
        new RetinaFace(),
        new MmDeploy(),
        new PaddleDetection(),
        new TensorFlowDetection(),
        new EfficientNms(),
        new ModelZooYoloV3(),
        new OwnExport(),
    ];

    /// <summary>Finds the family of a graph: the one with the best evidence.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="probe">Runs it where names and shapes leave something open.</param>
    /// <param name="path">The graph's file, for messages.</param>
    /// <param name="only">The only family to ask, where a passport names it; null to ask all.</param>
    /// <exception cref="InvalidInputException">No family, or several equally well.</exception>
    public static (ModelFamily Family, Recognition Recognition) Recognise(GraphDescription graph, IGraphProbe probe, string path, string? only)
    {
        var asked = only is null ? All : [.. All.Where(family => family.Name == only)];
        if (asked.Count == 0)
        {
            throw new InvalidInputException(
                $"{path}: the passport names the family '{only}', which is not known, and does not describe the decoding itself. Known are {Names(All)}.");
        }

        var found = new List<(ModelFamily Family, Recognition Recognition)>();
        string? failure = null;
        foreach (var family in asked)
        {
            try
            {
                if (family.Recognise(graph, probe) is { } recognition)
                    found.Add((family, recognition));
            }
            catch (ModelOutputException e)
            {
                failure ??= $"{family.Name}: a probe run failed. {e.Message}";
            }
        }

        if (found.Count == 0)
            throw new InvalidInputException(Unrecognised(graph, path, only, asked, failure));
        var best = found.Max(item => item.Recognition.Evidence);
        var equals = found.Where(item => item.Recognition.Evidence == best).ToList();
        return equals.Count == 1 ? equals[0] : throw new InvalidInputException(Ambiguous(path, equals));
    }

    private static string Ambiguous(string path, List<(ModelFamily Family, Recognition Recognition)> equals)
        => $"{path}: the graph fits {equals.Count} families equally: "
            + string.Join("; ", equals.Select(item => $"{item.Family.Name} ({string.Join(", ", item.Recognition.Reasons)})"))
            + $". Say which it is in {Passport.FileName} beside it: {{\"schema\": {Passport.CurrentSchema}, \"family\": \"{equals[0].Family.Name}\"}}.";

    private static string Unrecognised(GraphDescription graph, string path, string? only, IReadOnlyList<ModelFamily> asked, string? failure)
    {
        var near = asked.Select(family => family.Shortfall(graph) is { } shortfall ? $"{family.Name}: {shortfall}" : null).OfType<string>().ToList();
        if (failure is not null)
            near.Insert(0, failure);
        return $"{path}: {(only is null ? "no known family of detectors has this interface" : $"the passport says '{only}', but the graph has another interface")}. "
            + $"Inputs: {Tensors(graph.Inputs)}. Outputs: {Tensors(graph.Outputs)}. "
            + (near.Count == 0 ? $"Known are {Names(asked)}. " : $"Nearest: {string.Join("; ", near)}. ")
            + $"A detector of any other kind can be described in {Passport.FileName} beside it (docs/models.md): {{\"schema\": {Passport.CurrentSchema}, "
            + "\"input\": {...}, \"decoding\": {\"boxes\": {...}, \"scores\": {...}}}.";
    }

    private static string Tensors(IReadOnlyList<GraphTensor> tensors)
    {
        const int shown = 12;
        var text = string.Join(", ", tensors.Take(shown).Select(tensor => $"{tensor.Name} {tensor.TypeText} {tensor.ShapeText}"));
        return tensors.Count > shown ? $"{text} and {tensors.Count - shown} more" : text;
    }

    private static string Names(IEnumerable<ModelFamily> families) => string.Join(", ", families.Select(family => family.Name));
}
