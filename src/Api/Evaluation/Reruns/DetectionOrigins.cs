using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using Serve.Eval.Reports;
using Serve.Inference.Models;

namespace Serve.Api.Evaluation.Reruns;

/// <summary>Says what detections come from.</summary>
internal static class DetectionOrigins
{
    private static readonly string ThisVersion = typeof(DetectionOrigins).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>What detections of a loaded model come from.</summary>
    public static DetectionOrigin Of(DetectionModel model)
    {
        var passport = model.Passport with { Name = "", Version = 1, Provenance = null };
        return new(
            model.ContentHash, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(passport.ToJson()))), model.Device, OrtEnv.Instance().GetVersionString(), ThisVersion);
    }
}
