using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// Our own exports: all is done inside the graph. Boxes [B, D, 4] xyxy in input pixels, scores [B, D], labels [B, D], -1 for an empty row, and of some also masks
/// [B, D, m, m]. They carry their passport, so that nothing has to be guessed.
/// </summary>
internal sealed class OwnExport : ModelFamily
{
    /// <inheritdoc/>
    public override string Name => "end-to-end";

    /// <inheritdoc/>
    public override string Title => "Exports of this program: normalisation and suppression are inside the graph.";

    /// <summary>What <see cref="OutputSpec"/>, the short form of passports without <see cref="Passport.Decoding"/>, stands for.</summary>
    public static DecodingSpec Decoding(OutputSpec outputs) => new()
    {
        Boxes = new TensorPart { Outputs = [outputs.Boxes] },
        Scores = new TensorPart { Outputs = [outputs.Scores], Axes = "bn" },
        Labels = new TensorPart { Outputs = [outputs.Labels], Axes = "bn" },
        Masks = outputs.Masks is { } masks ? new MaskSpec { Frame = MaskFrame.Box, Output = masks, Axes = "bnyx", Threshold = 0.5 } : null,
    };

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        // Anyone may name outputs so; only the passport in the metadata tells that pixels go in as they are.
        var outputs = new OutputSpec();
        if (!graph.Metadata.ContainsKey(Passport.MetadataKey) || PictureTensor.Of(graph) is not { IsFixed: true } picture
            || graph.Output(outputs.Boxes) is not { } boxes || !boxes.Fits(-1, -1, 4)
            || graph.Output(outputs.Scores) is not { } scores || !scores.Fits(-1, -1)
            || graph.Output(outputs.Labels) is not { } labels || !labels.Fits(-1, -1))
        {
            return null;
        }

        var input = new InputSpec { Name = picture.Name, Width = picture.Width!.Value, Height = picture.Height!.Value };
        return new Recognition(input, Decoding(outputs), null, 0.3, [$"the metadata hold '{Passport.MetadataKey}', and the outputs are boxes, scores and labels"]);
    }
}
