using System.Security.Cryptography;
using System.Text;
using Serve.Api.Evaluation.Storage;
using Serve.Inference.Models;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>Names a shard's detections by all that decides them.</summary>
internal static class ShardKey
{
    /// <summary>Changes when the detect flow changes what it finds, so that older results are not mistaken for new ones.</summary>
    private const string Generation = "2";

    /// <summary>
    /// Lower-case hexadecimal SHA-256 of model, device, passport (which holds the preprocessing), dataset, protocol and range. An evaluation that is run again has keys
    /// of its own, so that nothing is reused.
    /// </summary>
    public static string Of(DetectionModel model, EvaluationRow evaluation, ShardRow shard)
        => (evaluation.RerunOf is null ? "" : $"{evaluation.Id}-") + Of(model.ContentHash, model.Device, model.Passport.ToJson(), evaluation.DatasetHash + evaluation.DatasetVersionHash, evaluation.Dataset, evaluation.Protocol, shard.First, shard.Count);

    internal static string Of(
        string modelHash, string device, string passport, string datasetHash, string dataset, string protocol, int first, int count)
    {
        var text = string.Join('\n', Generation, modelHash, device, passport, datasetHash, dataset, protocol, first, count);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
