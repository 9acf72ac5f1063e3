namespace Serve.Eval.Reports;

/// <summary>What made detections: all that may change them.</summary>
/// <param name="Model">SHA-256 of the model's files, lower-case hexadecimal.</param>
/// <param name="Preprocessing">SHA-256 of what the passport says of pictures, outputs and categories: all of it but name, version and provenance.</param>
/// <param name="Provider">The device that ran the model: <c>cpu</c>, <c>cuda:0</c>.</param>
/// <param name="Runtime">Version of ONNX Runtime.</param>
/// <param name="Version">Version of the server.</param>
public sealed record DetectionOrigin(string Model, string Preprocessing, string Provider, string Runtime, string Version);
