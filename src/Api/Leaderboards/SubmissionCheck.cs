using Serve.Api.Access;
using Serve.Api.Evaluation;
using Serve.Api.Leaderboards.Storage;
using Serve.Api.Problems;

namespace Serve.Api.Leaderboards;

/// <summary>Checks a submission against its leaderboard before anything is stored, and reports every fault at once.</summary>
internal sealed class SubmissionCheck(EvaluationRequestCheck evaluations)
{
    private const int LongestMethod = 100;
    private const int LongestDescription = 4000;

    /// <summary>Checks its fields.</summary>
    /// <param name="read">The submission.</param>
    /// <param name="leaderboard">Its leaderboard.</param>
    /// <returns>Field to faults.</returns>
    public static SortedDictionary<string, string[]> FaultsOf(ReadSubmission read, StoredLeaderboard leaderboard)
    {
        var (request, faults) = (read.Request, new SortedDictionary<string, string[]>(StringComparer.Ordinal));
        if (string.IsNullOrWhiteSpace(request.Method) || request.Method.Length > LongestMethod || request.Method.Any(char.IsControl))
            faults["method"] = [$"The method is {(request.Method is null ? "missing" : $"\"{request.Method}\"")}; it needs 1 to {LongestMethod} characters, not only blanks."];
        if (request.Description?.Length > LongestDescription)
            faults["description"] = [$"The description has {request.Description.Length:N0} characters; at most {LongestDescription:N0} are allowed."];
        var given = (request.Model is null ? 0 : 1) + (request.Detections is null ? 0 : 1) + (read.Graph is null ? 0 : 1);
        if (given != 1)
            faults["model"] = [$"{(given == 0 ? "Either" : "Only one of")} \"model\" (the name of one of this server), \"detections\" or a file \"model\" (ONNX) {(given == 0 ? "must" : "can")} be given."];
        else if (SubmittedModels.IsOne(request.Model))
            faults["model"] = [$"There is no model \"{request.Model}\"."];
        if (request is { Model: null, Version: not null })
            faults["version"] = ["A version needs a model."];
        if (read is { Graph: null, Passport: not null })
            faults["passport"] = ["A passport needs a file \"model\"."];
        if (request.Detections is { } detections)
            CheckDatasets([.. detections.Where(entry => entry.Value is not null).Select(entry => entry.Key)], leaderboard, faults);
        CheckUsb(read, leaderboard.Row, faults);
        return faults;
    }

    /// <summary>Checks what is to be evaluated on each dataset.</summary>
    /// <param name="request">The fields of the submission.</param>
    /// <param name="leaderboard">Its leaderboard.</param>
    /// <param name="caller">Who submits.</param>
    /// <param name="faults">Gets what is wrong.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>The evaluations in the order of the datasets; those with a fault are not among them.</returns>
    public async Task<IReadOnlyList<CheckedEvaluation>> EvaluationsAsync(
        SubmissionRequest request, StoredLeaderboard leaderboard, Caller caller, SortedDictionary<string, string[]> faults, CancellationToken ct)
    {
        var accepted = new List<CheckedEvaluation>();
        foreach (var dataset in leaderboard.Datasets)
        {
            var detections = request.Detections?.GetValueOrDefault(dataset.Dataset);
            if (request.Model is null && detections is null)
                continue;
            var asked = new EvaluationRequest
            {
                Dataset = dataset.Dataset,
                DatasetVersion = dataset.Version,
                Split = dataset.Split,
                Protocol = dataset.Protocol,
                Model = request.Model,
                Version = request.Version,
                Detections = detections,
            };
            try
            {
                accepted.Add(await evaluations.CheckAsync(asked, caller, ct, takesSubmitted: true));
            }
            catch (RequestRefusedException refusal) when (RequestFaults.Of(refusal) is { } found)
            {
                foreach (var (field, texts) in found)
                    faults.TryAdd(field == "detections" && leaderboard.Datasets.Count > 1 ? $"detections.{dataset.Dataset}" : field, texts);
            }
        }
        return accepted;
    }

    private static void CheckDatasets(IReadOnlyList<string> given, StoredLeaderboard leaderboard, SortedDictionary<string, string[]> faults)
    {
        string[] names = [.. leaderboard.Datasets.Select(dataset => dataset.Dataset)];
        foreach (var name in names.Except(given))
            faults[names.Length > 1 ? $"detections.{name}" : "detections"] = [$"There are no detections of the dataset \"{name}\"; they may be an empty list."];
        foreach (var name in given.Except(names))
            faults[$"detections.{name}"] = [$"\"{name}\" is not a dataset of this leaderboard. Its datasets: {string.Join(", ", names)}."];
    }

    private static void CheckUsb(ReadSubmission read, LeaderboardRow leaderboard, SortedDictionary<string, string[]> faults)
    {
        if (LeaderboardRequestCheck.HasDivisions(leaderboard.Protocol))
        {
            if (read.Request is { Division: not null, Detections: not null })
                faults["division"] = ["A division is for a model, which is run at its limit; that of detections follows from what is declared."];
            if (read.Request.Declared is { } declared && UsbOrigins.FaultsOf(declared) is { Count: > 0 } wrong)
                faults["declared"] = [.. wrong];
            return;
        }
        if (read.Request.Division is not null)
            faults["division"] = [$"Leaderboards of {leaderboard.Protocol} have no divisions; those of usb have."];
        if (read.Request.Declared is not null)
            faults["declared"] = [$"How a method came about is asked by leaderboards of usb; this one's protocol is {leaderboard.Protocol}."];
    }
}
