using Quartz;
using Serve.Api.Datasets;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Hosting;
using Serve.Api.Jobs;
using Serve.Eval;
using Serve.Eval.Reports;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>Evaluates the detections of all shards, or the submitted ones, and stores the report.</summary>
[DisallowConcurrentExecution]
internal sealed partial class ReductionJob(
    EvaluationStore store, EvaluationQueries queries, DatasetCatalogue datasets, RunningJobs jobs, JobGate gate, SpareCores cores, ServeFolders folders,
    TimeProvider time, ILogger<ReductionJob> log) : IJob
{
    private const int MostAttempts = 3;

    /// <inheritdoc/>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        using var running = jobs.Enter(context);
        using var inside = await gate.EnterAsync(cancellationToken);
        var id = context.MergedJobDataMap.GetString(EvaluationQueue.EvaluationKey)!;
        if (await queries.FindAsync(id, cancellationToken) is not { IsOver: false, Reducing: true } evaluation)
            return;
        try
        {
            if (await store.CountReductionAsync(id, cancellationToken) > MostAttempts)
                throw new InvalidInputException($"The report was begun {MostAttempts} times and never came to an end; the server's log tells more.");
            var protocol = Protocols.Find(evaluation.Protocol)!;
            var dataset = await datasets.ReadAsync(datasets.Open(evaluation.Dataset, evaluation.DatasetVersionHash), evaluation.Split, protocol.Parts, cancellationToken);
            DatasetCheck.RequireUnchanged(evaluation, dataset);
            var detections = await queries.DetectionsAsync(evaluation, protocol.Parts, cancellationToken);
            var reduction = await cores.ComputeAsync(threads => Reduction.Of(dataset, detections, protocol, threads, cancellationToken), cancellationToken);
            var (report, score) = (WithOrigin(reduction.Report, evaluation, await queries.OriginsAsync(evaluation, cancellationToken)).ToJson(), reduction.ScoreOf(id));
            await Outage.OutlastAsync(() => store.CompleteAsync(id, report, score, cancellationToken), time, cancellationToken);
            LogDone(id, evaluation.Dataset, evaluation.Split);
        }
        catch (InvalidInputException fault)
        {
            LogRefused(id, fault.Message);
            await store.FailAsync(id, folders.WithoutPaths(fault.Message), CancellationToken.None);
        }
    }

    private EvaluationReport WithOrigin(EvaluationReport report, EvaluationRow evaluation, IReadOnlyList<DetectionOrigin> origins) => report with
    {
        Provenance = report.Provenance! with
        {
            Date = time.GetUtcNow(),
            GroundTruth = $"{evaluation.Dataset}/{evaluation.Split}",
            Model = evaluation.Model,
            Origins = origins is [] ? null : origins,
        },
        Latency = evaluation.LatencyOf(),
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "Evaluation {Id} on {Dataset}/{Split} is done.")]
    private partial void LogDone(string id, string dataset, string split);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Evaluation {Id} failed: {Cause}")]
    private partial void LogRefused(string id, string cause);
}
