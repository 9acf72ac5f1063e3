using System.Text.Json;
using Quartz;
using Serve.Api.Datasets;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Hosting;
using Serve.Api.Jobs;
using Serve.Api.Storage;
using Serve.Api.Wire;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Reports;
using Serve.Inference.Evaluation;
using Serve.Inference.Models;
using Serve.Inference.Repository;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>Times the model of an evaluation whose shards are done, with no other job beside it on this node; then the reduction follows.</summary>
[DisallowConcurrentExecution]
internal sealed partial class LatencyJob(
    EvaluationStore store, EvaluationQueries queries, EvaluationQueue queue, EvaluatedModels models, DatasetCatalogue datasets, RunningJobs jobs, JobGate gate, Node node,
    ServeFolders folders, TimeProvider time, ILogger<LatencyJob> log) : IJob
{
    private const int MostImages = 100;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        using var running = jobs.Enter(context);
        using var inside = await gate.EnterAloneAsync(cancellationToken);
        var id = context.MergedJobDataMap.GetString(EvaluationQueue.EvaluationKey)!;
        if (await queries.FindAsync(id, cancellationToken) is not { IsOver: false, Reducing: true } evaluation)
            return;
        try
        {
            if (evaluation.LacksLatency)
                await RunAsync(evaluation, cancellationToken);
            if (await queries.FindAsync(id, cancellationToken) is { IsOver: false } measured)
                await queue.EnqueueReductionAsync(measured, cancellationToken);
        }
        catch (UnknownModelException fault) when (ModelPatience.Covers(context, node))
        {
            throw new JobExecutionException(fault.Message, fault);
        }
        catch (InvalidInputException fault)
        {
            LogRefused(id, fault.Message);
            await store.FailAsync(id, folders.WithoutPaths(fault.Message), CancellationToken.None);
        }
        catch (Exception fault) when (fault is not OperationCanceledException && DatabaseFault.Of(fault) is null)
        {
            LogFailed(fault, id);
            throw new JobExecutionException($"The latency of evaluation {id} could not be measured, and is measured again.", fault);
        }
    }

    private async Task RunAsync(EvaluationRow evaluation, CancellationToken ct)
    {
        if (await store.CountLatencyAsync(evaluation.Id, +1, ct) > EvaluationQueue.MostAttempts)
            throw new InvalidInputException($"Measuring the latency was begun {EvaluationQueue.MostAttempts} times and never came to an end; the server's log tells more.");
        try
        {
            using var lease = await models.AcquireAsync(evaluation.Model!, evaluation.ModelVersion, ct);
            var folder = datasets.Open(evaluation.Dataset, evaluation.DatasetVersionHash);
            var dataset = await datasets.ReadAsync(folder, evaluation.Split, Protocols.Find(evaluation.Protocol)!.Parts, ct);
            DatasetCheck.RequireUnchanged(evaluation, dataset);
            var latency = await MeasureAsync(lease.Model, folder, dataset, ct);
            await Outage.OutlastAsync(() => store.CompleteLatencyAsync(evaluation.Id, JsonSerializer.Serialize(latency, ServeJson.Default.LatencyReport), ct), time, ct);
            LogMeasured(evaluation.Id, latency.P50Ms, latency.Images);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopped by request, not by a fault: it does not count.
            await store.CountLatencyAsync(evaluation.Id, -1, CancellationToken.None);
            throw;
        }
    }

    private async Task<LatencyReport> MeasureAsync(DetectionModel model, DatasetFolder folder, Dataset dataset, CancellationToken ct)
        => LatencyReport.Of(await SingleStreamLatency.MeasureAsync(model, folder, dataset, MostImages, Longest, time, ct), node.Device == Node.Cpu ? Processor.Name : node.Device, model.Device);

    [LoggerMessage(Level = LogLevel.Information, Message = "Evaluation {Id}: the model takes {Milliseconds:0.0} ms in the median of {Images} pictures.")]
    private partial void LogMeasured(string id, double milliseconds, int images);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Evaluation {Id} failed while its latency was measured: {Cause}")]
    private partial void LogRefused(string id, string cause);

    [LoggerMessage(Level = LogLevel.Error, Message = "Evaluation {Id}: measuring the latency failed.")]
    private partial void LogFailed(Exception exception, string id);
}
