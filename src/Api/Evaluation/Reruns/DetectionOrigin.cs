using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using Serve.Inference.Models;

namespace Serve.Api.Evaluation.Reruns;

/// <summary>What made detections: all that may change them.</summary>
/// <param name="Model">SHA-256 of the model's files, lower-case hexadecimal.</param>
/// <param name="Preprocessing">SHA-256 of what the passport says of pictures, outputs and categories: all of it but name, version and provenance.</param>
/// <param name="Provider">The device that ran the model: <c>cpu</c>, <c>cuda:0</c>.</param>
/// <param name="Runtime">Version of ONNX Runtime.</param>
/// <param name="Version">Version of this server.</param>
public sealed record DetectionOrigin(string Model, string Preprocessing, string Provider, string Runtime, string Version)
{
    private static readonly string ThisVersion = typeof(DetectionOrigin).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>What detections of a loaded model come from.</summary>
    internal static DetectionOrigin Of(DetectionModel model)
    {
        var passport = model.Passport with { Name = "", Version = 1, Provenance = null };
        return new(
            model.ContentHash, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(passport.ToJson()))), model.Device, OrtEnv.Instance().GetVersionString(), ThisVersion);
    }
}
