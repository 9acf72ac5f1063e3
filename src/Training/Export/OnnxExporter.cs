using Serve.Inference.Models;
using Serve.Training.Models;

namespace Serve.Training.Export;

/// <summary>Writes a detector as one end-to-end ONNX file with its passport in the metadata.</summary>
/// <remarks>
/// Opset 21. Input: float32 [batch, 3, height, width], RGB, 0..255; batch, height and width are dynamic. Outputs: see <see cref="OutputSpec"/>.
/// What does not depend on the input is computed while tracing; batch normalisations are folded into their convolutions;
/// weights that float16 holds exactly are stored as such.
/// </remarks>
public static class OnnxExporter
{
    /// <summary>Traces the detector once and writes the file; temporary name first, then renamed.</summary>
    /// <param name="detector">The detector; its mode (training or evaluation) is left as it was.</param>
    /// <param name="passport">Names of input and outputs, size of the traced example; written to the metadata.</param>
    /// <param name="path">The file; its folder is made where it is missing.</param>
    public static void Write(Detector detector, Passport passport, string path)
    {
        var tracer = DetectorTrace.Of(detector, passport.Input, passport.Outputs);
        BatchNormFolding.Apply(tracer.Graph);
        HalfWeights.Store(tracer.Graph);
        OnnxModel.Write(OnnxModel.Of(tracer, new Dictionary<string, string> { [Passport.MetadataKey] = passport.ToJson() }), path);
    }
}
