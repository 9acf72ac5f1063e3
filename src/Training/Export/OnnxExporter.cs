using Serve.Inference.Models;
using Serve.Training.Models;

namespace Serve.Training.Export;

/// <summary>Writes a detector as one end-to-end ONNX file (opset 21, dynamic batch and size) with its passport in the metadata.</summary>
public static class OnnxExporter
{
    /// <summary>Traces the detector once and writes the file; temporary name first, then renamed.</summary>
    public static void Write(Detector detector, Passport passport, string path) => throw new NotImplementedException(path);
}
