using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Serve.Api.Access;
using Serve.Api.Evaluation;
using Serve.Api.Evaluation.Jobs;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Hosting;
using Serve.Api.Leaderboards.Storage;
using Serve.Api.Problems;
using Serve.Api.Wire;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Models;
using Serve.Inference.Repository;
using Serve.Inference.Usb;

namespace Serve.Api.Leaderboards;

/// <summary>Takes submissions, and takes them back.</summary>
internal sealed class SubmissionMaker(
    SubmissionCheck check, SubmissionStore store, EvaluationStore evaluations, EvaluationQueue queue, SubmittedModels submitted, ModelRepository served, EvaluatedModels models,
    UsbModel usb, ServeFolders folders, IOptions<ServeOptions> options, TimeProvider time)
{
    /// <summary>Checks a submission, stores it and begins its evaluations.</summary>
    /// <exception cref="RequestRefusedException">400 with all faults; 404: the leaderboard is gone; 409: it is closed; 429: the day's quota is spent; 507: no room for a model.</exception>
    public async Task<(StoredSubmission Submission, SubmissionQuota Quota)> MakeAsync(ReadSubmission read, StoredLeaderboard leaderboard, Caller caller, CancellationToken ct)
    {
        var faults = SubmissionCheck.FaultsOf(read, leaderboard);
        if (read.Graph is not null && !options.Value.SubmittedModels)
            faults["model"] = ["This server takes no models (Serve:SubmittedModels). Submit detections, or a model that it serves."];
        if (read.Graph is not null)
            RequestFaults.Refuse(faults);
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now).ToString("N");
        var isTaken = false;
        try
        {
            var hasDivisions = LeaderboardRequestCheck.HasDivisions(leaderboard.Row.Protocol);
            var images = hasDivisions && faults.Count == 0 ? await usb.ImagesAsync(leaderboard, ct) : [];
            var (name, version) = await ModelAsync(read, id, images, faults, ct);
            var accepted = await check.EvaluationsAsync(read.Request with { Model = name, Version = version }, leaderboard, caller, faults, ct);
            RequestFaults.Refuse(faults);
            var model = accepted[0].Model;
            var origin = hasDivisions ? OriginOf(read.Request, model, images) : null;
            var row = new SubmissionRow
            {
                Id = id,
                Leaderboard = leaderboard.Row.Name,
                Method = read.Request.Method!,
                Submitter = caller.Name,
                Kind = model is null ? SubmissionKind.Detections : SubmissionKind.Model,
                Model = read.Request.Model,
                ModelVersion = read.Request.Model is null ? null : read.Request.Version ?? models.Find(read.Request.Model, null).Version,
                Description = read.Request.Description,
                Declared = model?.Provenance is not null || origin is not null,
                Origin = origin is null ? null : JsonSerializer.Serialize(origin, ServeJson.Default.UsbOrigin),
                SubmittedAt = now.UtcDateTime,
            };
            List<NeededEvaluation> needed = [.. accepted.Select((one, place) => NeededOf(one, caller, now, measuresLatency: model is not null && place == 0))];
            var quota = await store.AddAsync(row, needed, ct);
            isTaken = true;
            // From here on they are ours: what is not enqueued the reconciler finds.
            foreach (var evaluation in needed)
                await queue.EnqueuePlanAsync(evaluation.Row, CancellationToken.None);
            return (new(row, [.. needed.Select(one => one.Row)]), quota);
        }
        finally
        {
            if (!isTaken)
                await submitted.RemoveAsync(id, CancellationToken.None);
        }
    }

    /// <summary>Withdraws a submission: it leaves the tables, what runs for it is cancelled, and its model is removed.</summary>
    public async Task WithdrawAsync(StoredSubmission submission, CancellationToken ct)
    {
        await store.WithdrawAsync(submission.Row, ct);
        foreach (var evaluation in submission.Evaluations.Where(evaluation => !evaluation.IsOver))
        {
            if (await evaluations.CancelAsync(evaluation.Id, ct))
                await queue.RemoveAsync(evaluation.Id, CancellationToken.None);
        }
        await submitted.RemoveAsync(submission.Row.Id, ct);
    }

    /// <summary>The model that is run: one that the server serves, one that came, or a copy of either whose input is smaller.</summary>
    private async Task<(string? Name, int? Version)> ModelAsync(
        ReadSubmission read, string id, IReadOnlyList<ImageEntry> images, SortedDictionary<string, string[]> faults, CancellationToken ct)
    {
        var request = read.Request;
        if (read.Graph is null && (request.Model is null || request.Division is null || faults.Count > 0))
            return (request.Model, request.Version);
        try
        {
            Passport passport;
            if (read.Graph is not null)
            {
                await RemoveLeftAsync(ct);
                passport = await submitted.PutAsync(id, (folder, token) => WriteAsync(read, null, id, folder, token), ct);
            }
            else
            {
                using var lease = await served.AcquireAsync(request.Model, request.Version, ct);
                passport = lease.Model.Passport;
            }
            if (request.Division is not null && UsbModel.Within(passport, request.Division, images) is { } smaller)
                await submitted.PutAsync(id, (folder, token) => WriteAsync(read, smaller, id, folder, token), ct);
            else if (read.Graph is null)
                return (request.Model, request.Version);
            return (SubmittedModels.NameOf(id), 1);
        }
        catch (InvalidInputException fault) when (fault is not RequestRefusedException)
        {
            faults[request.Division is not null && read.Graph is null ? "division" : "model"] = [folders.WithoutPaths(fault.Message).Replace($"submissions/{SubmittedModels.NameOf(id)}", "model", StringComparison.Ordinal)];
            return (null, null);
        }
    }

    private async Task WriteAsync(ReadSubmission read, Passport? passport, string id, string folder, CancellationToken ct)
    {
        var graph = Path.Combine(folder, DetectionModel.GraphFileName);
        if (read.Graph is { } sent)
        {
            await using var target = File.Create(graph);
            await using var source = sent.OpenReadStream();
            await source.CopyToAsync(target, ct);
            target.Flush(flushToDisk: true);
        }
        else
        {
            await served.CopyAsync(read.Request.Model!, passport!.Version, folder, ct);
        }
        var text = passport?.ToJson() ?? (read.Passport is { } given ? Encoding.UTF8.GetString(given) : Passport.TextInside(graph));
        await CopiedPassport.WriteAsync(folder, text, id, ct);
    }

    /// <summary>An evaluation. The latency is that of the model: one dataset's pictures tell it.</summary>
    private static NeededEvaluation NeededOf(CheckedEvaluation accepted, Caller caller, DateTimeOffset now, bool measuresLatency)
        => new(accepted.ToRow(caller.Name, now, measuresLatency: measuresLatency), accepted.Detections is { } table ? DetectionBlob.Pack(table) : null);

    /// <summary>How the method came about; null where that is not known.</summary>
    private static UsbOrigin? OriginOf(SubmissionRequest request, Passport? model, IReadOnlyList<ImageEntry> images)
    {
        if (model?.Provenance is not null)
            return UsbOrigins.Of(model, images);
        return request.Declared is { } declared ? UsbOrigins.Of(request.Method!, declared, model is null ? null : PassportSubmission.Pixels(model.Input, images)) : null;
    }

    /// <summary>Removes models that a kill left behind.</summary>
    private async Task RemoveLeftAsync(CancellationToken ct)
    {
        foreach (var old in submitted.Old())
        {
            if (!await store.IsKeptAsync(old, ct))
                await submitted.RemoveAsync(old, ct);
        }
    }
}
