using Serve.Api.Evaluation.Storage;
using Serve.Api.Jobs;
using Serve.Api.Jobs.Storage;

namespace Serve.Api.Evaluation;

/// <summary>Tells of evaluations that nobody works on what they wait for. Looked up at each question, so that it is known as soon as it is so.</summary>
internal sealed class Waiting(WorkerStore workers, EvaluationQueries queries, EvaluatedModels models, Node node)
{
    /// <summary>The same evaluations with their reasons.</summary>
    public async Task<IReadOnlyList<EvaluationDocument>> TellAsync(IReadOnlyList<EvaluationDocument> evaluations, CancellationToken ct)
    {
        if (!evaluations.Any(IsOpen))
            return evaluations;
        var all = await workers.ListAsync(ct);
        // Whose turn it is matters only where all are busy.
        var open = new Lazy<Task<IReadOnlyList<(string Id, int Priority)>>>(() => queries.OpenTurnsAsync(ct));
        var told = new List<EvaluationDocument>(evaluations.Count);
        foreach (var evaluation in evaluations)
            told.Add(IsOpen(evaluation) ? evaluation with { Waiting = await ReasonOfAsync(evaluation, all, open) } : evaluation);
        return told;
    }

    /// <summary>The same evaluation with its reason.</summary>
    public async Task<EvaluationDocument> TellAsync(EvaluationDocument evaluation, CancellationToken ct) => (await TellAsync([evaluation], ct))[0];

    private async Task<string?> ReasonOfAsync(EvaluationDocument evaluation, IReadOnlyList<Worker> all, Lazy<Task<IReadOnlyList<(string Id, int Priority)>>> open)
    {
        var living = all.Where(worker => worker is { IsAlive: true, Slots: > 0 }).ToList();
        if (living.Count == 0)
            return all.Where(worker => worker.Slots > 0).MaxBy(worker => worker.SeenAt) is { } last
                ? $"No worker is alive: the last one, {last.Name}, was seen at {last.SeenAt:u}."
                : "No worker is alive, and there was none within a day: start a server with Serve:Role=worker.";
        if (living.Any(worker => worker.Running.Any(job => job.Evaluation == evaluation.Id)))
            return null;
        if (evaluation.Model is { } model && !models.Has(model, evaluation.Version))
            return $"Model \"{model}\" version {evaluation.Version} is not here any more.";
        var fit = living.Where(worker => !node.IsShared || evaluation.Device is null || worker.Device == evaluation.Device).ToList();
        if (fit.Count == 0)
            return $"No living worker runs models on {evaluation.Device}: {string.Join(", ", living.Select(worker => $"{worker.Name} runs them on {worker.Device}"))}.";
        if (fit.Any(worker => worker.Running.Count < worker.Slots && !(evaluation.Device == Node.Gpu && worker.Running.Count >= worker.GpuSlots)))
            return null;
        var ahead = (await open.Value).Count(other => other.Priority > evaluation.Priority
            || (other.Priority == evaluation.Priority && string.CompareOrdinal(other.Id, evaluation.Id) < 0));
        var kind = evaluation.Device == Node.Gpu ? "GPU slot" : "slot";
        var taken = fit.Sum(worker => evaluation.Device == Node.Gpu ? worker.GpuSlots : worker.Slots) is var slots and > 1 ? $"All {slots} {kind}s are taken" : $"The only {kind} is taken";
        return $"{taken}; {ahead} {(ahead == 1 ? "evaluation comes" : "evaluations come")} before this one.";
    }

    private static bool IsOpen(EvaluationDocument evaluation) => evaluation.State is EvaluationState.Queued or EvaluationState.Running;
}
