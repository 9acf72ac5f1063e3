using Serve.Api.Evaluation.Storage;
using Serve.Eval;
using Serve.Eval.Datasets;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>Keeps an evaluation from mixing two states of a dataset.</summary>
internal static class DatasetCheck
{
    /// <exception cref="InvalidInputException">The annotations are others than when the evaluation was asked for.</exception>
    public static void RequireUnchanged(EvaluationRow evaluation, Dataset dataset)
    {
        if (dataset.ContentHash != evaluation.DatasetHash)
            throw new InvalidInputException(
                $"The annotations of {evaluation.Dataset}/{evaluation.Split} changed since the evaluation was asked for "
                + $"(SHA-256 {evaluation.DatasetHash[..12]}… then, {dataset.ContentHash[..12]}… now). Ask for it again.");
    }
}
