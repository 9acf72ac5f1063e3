using Serve.Api.Datasets;
using Serve.Api.Evaluation;
using Serve.Api.Evaluation.Jobs;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Problems;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Errors;
using Serve.Eval.Statistics;

namespace Serve.Api.Comparisons;

/// <summary>Compares evaluations by their stored detections: nothing is detected again. One at a time, each on all cores, so that many who ask do not fill the memory.</summary>
internal sealed class ComparisonMaker(EvaluationQueries queries, DatasetCatalogue datasets) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>Compares.</summary>
    /// <returns>The comparison, the same as <c>serve compare</c> makes of the same annotations and detections; and the images on which the evaluations disagree.</returns>
    /// <exception cref="RequestRefusedException">400: the protocol has no such number; 404: the dataset is gone.</exception>
    /// <exception cref="InvalidInputException">The annotations changed since, or there is nothing to compare.</exception>
    public async Task<(Comparison Comparison, ComparedImages Images)> MakeAsync(CheckedComparison asked, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            var first = asked.Evaluations[0];
            var protocol = Protocols.Find(first.Protocol)!;
            var dataset = await datasets.ReadAsync(datasets.Open(first.Dataset, first.DatasetVersionHash), first.Split, protocol.Parts, ct);
            DatasetCheck.RequireUnchanged(first, dataset);
            var results = new List<NamedResult>();
            foreach (var (name, row) in asked.Names.Zip(asked.Evaluations))
            {
                var detections = await queries.DetectionsAsync(row, protocol.Parts, ct);
                results.Add(new(name, await Task.Run(() => Evaluator.Evaluate(dataset, detections, protocol, ct: ct), ct)));
            }
            RequireMetrics(asked.Metrics, results[0].Evaluation);
            return await Task.Run(() => Compare(asked, results, dataset, ct), ct);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private static (Comparison Comparison, ComparedImages Images) Compare(CheckedComparison asked, List<NamedResult> results, Dataset dataset, CancellationToken ct)
    {
        var categories = asked.PerCategory ? EvaluatedCategories.Of(dataset, results[0].Evaluation) : null;
        return (PairedComparison.Run(results, asked.Options, asked.Metrics, categories, ct: ct), ImageComparison.Run(results, dataset, asked.Images, ct: ct));
    }

    private static void RequireMetrics(IReadOnlyList<string>? asked, EvaluationResult evaluation)
    {
        string[] known = [.. evaluation.Metrics.Select(metric => metric.Name)];
        string[] wrong = [.. (asked ?? []).Where(metric => !known.Contains(metric, StringComparer.Ordinal)).Select(metric => $"\"{metric}\"")];
        if (asked is not { Count: 0 } && wrong.Length == 0)
            return;
        var fault = $"\"metrics\" has {(wrong.Length == 0 ? "no number" : string.Join(", ", wrong))}; {evaluation.Protocol.Name} has {string.Join(", ", known)}.";
        throw new RequestRefusedException(StatusCodes.Status400BadRequest, fault).With("errors", new Dictionary<string, string[]> { ["metrics"] = [fault] });
    }
}
