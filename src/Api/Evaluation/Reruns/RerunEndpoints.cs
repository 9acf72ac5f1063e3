using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Access;
using Serve.Api.Datasets;
using Serve.Api.Evaluation.Jobs;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Problems;

namespace Serve.Api.Evaluation.Reruns;

/// <summary>Evaluations run again, to see that they give the same.</summary>
internal static class RerunEndpoints
{
    public static void MapReruns(this IEndpointRouteBuilder evaluation)
        => evaluation.MapPost("/rerun", Rerun).WithName("RerunEvaluation").Require(Role.Submitter).MakesOnce()
            .AddOpenApiOperationTransformer(EvaluationDescription.DescribeAccepted);

    /// <summary>Runs an evaluation again from the start.</summary>
    /// <remarks>
    /// A new evaluation of the same model, or of the same submitted detections, on the same split under the same protocol; nothing that was detected before is used. When it is
    /// done, its `rerun` says whether every number is the same to the last bit, and what differs: model, data, protocol, preprocessing, provider, versions, and which numbers.
    /// </remarks>
    /// <param name="id">The evaluation, which is done.</param>
    /// <param name="context">The request.</param>
    /// <param name="check">Checks that it can be run again.</param>
    /// <param name="datasets">The datasets.</param>
    /// <param name="queries">Reads evaluations.</param>
    /// <param name="store">Stores evaluations.</param>
    /// <param name="queue">Enqueues it.</param>
    /// <param name="waiting">Tells what it waits for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Accepted<EvaluationDocument>> Rerun(
        string id, HttpContext context, EvaluationRequestCheck check, DatasetCatalogue datasets, EvaluationQueries queries, EvaluationStore store, EvaluationQueue queue,
        Waiting waiting, TimeProvider time, CancellationToken ct)
    {
        var before = await queries.FindAsync(id, ct)
            ?? throw new RequestRefusedException(StatusCodes.Status404NotFound, $"There is no evaluation \"{id}\". GET /v1/evaluations lists them.");
        if (before.State != EvaluationState.Done)
            throw new RequestRefusedException(StatusCodes.Status409Conflict, $"Evaluation {id} is {before.State.ToString().ToLowerInvariant()}; only one that is done is run again.");
        var accepted = await AcceptAsync(before, context.Caller, check, datasets, queries, ct);
        var row = accepted.ToRow(context.Caller.Name, time.GetUtcNow(), device: before.Device, measuresLatency: before.MeasuresLatency, rerunOf: id);
        await store.AddAsync(row, accepted.Detections, ct);
        // As where an evaluation is asked for: the reconciler finds what is not enqueued.
        await queue.EnqueuePlanAsync(row, CancellationToken.None);
        return TypedResults.Accepted($"/v1/evaluations/{row.Id}", await waiting.TellAsync(row.ToDocument(shards: null), CancellationToken.None));
    }

    private static async Task<CheckedEvaluation> AcceptAsync(
        EvaluationRow before, Caller caller, EvaluationRequestCheck check, DatasetCatalogue datasets, EvaluationQueries queries, CancellationToken ct)
    {
        var withholding = Withholding.Nothing;
        try
        {
            var opened = await datasets.ReopenAsync(before.Dataset, before.DatasetVersionHash, ct);
            var version = opened.Known.Version;
            withholding = Withholding.Of(opened.Known.Dataset, caller);
            if (before.Model is not null)
                return await check.CheckAsync(
                    new()
                    {
                        Dataset = before.Dataset,
                        DatasetVersion = version.Version,
                        Split = before.Split,
                        Protocol = before.Protocol,
                        Model = before.Model,
                        Version = before.ModelVersion,
                    },
                    caller, ct, takesSubmitted: true);
            var parts = Protocols.Find(before.Protocol)!.Parts;
            var dataset = await datasets.ReadAsync(opened.Folder, before.Split, parts, ct);
            return new(before.Dataset, version.Hash, before.Split, dataset, before.Protocol, Model: null, await queries.DetectionsAsync(before, parts, ct));
        }
        catch (Eval.InvalidInputException fault)
        {
            // What the check refuses was looked through by itself.
            var cause = fault is RequestRefusedException ? fault.Message : withholding.Text(fault.Message);
            throw new RequestRefusedException(StatusCodes.Status409Conflict, $"Evaluation {before.Id} cannot be run again: {cause}");
        }
    }
}
