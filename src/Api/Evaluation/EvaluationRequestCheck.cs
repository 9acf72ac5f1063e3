using Serve.Api.Access;
using Serve.Api.Datasets;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Jobs;
using Serve.Api.Problems;
using Serve.Eval;
using Serve.Eval.Checks;
using Serve.Eval.Datasets;
using Serve.Inference.Evaluation;
using Serve.Inference.Models;
using Serve.Inference.Repository;

namespace Serve.Api.Evaluation;

/// <summary>A request that can be carried out.</summary>
/// <param name="DatasetName">Name of the dataset.</param>
/// <param name="DatasetVersionHash">Hash of its version.</param>
/// <param name="Split">Its split.</param>
/// <param name="Dataset">The split's annotations.</param>
/// <param name="Protocol">Name of the protocol.</param>
/// <param name="Model">The model, or null.</param>
/// <param name="Detections">The submitted detections, or null.</param>
internal sealed record CheckedEvaluation(
    string DatasetName, string DatasetVersionHash, string Split, Dataset Dataset, string Protocol, Passport? Model, DetectionTable? Detections)
{
    /// <summary>The evaluation that is asked for.</summary>
    public EvaluationRow ToRow(string owner, DateTimeOffset now, int priority = 0, string? device = null, bool measuresLatency = false, string? rerunOf = null) => new()
    {
        Id = Guid.CreateVersion7(now).ToString("N"),
        RerunOf = rerunOf,
        Owner = owner,
        Dataset = DatasetName,
        Split = Split,
        DatasetHash = Dataset.ContentHash,
        DatasetVersionHash = DatasetVersionHash,
        Model = Model?.Name,
        ModelVersion = Model?.Version,
        Protocol = Protocol,
        Priority = priority,
        Device = device,
        MeasuresLatency = measuresLatency,
        CreatedAt = now.UtcDateTime,
        Images = Dataset.Images.Count,
    };
}

/// <summary>Checks an evaluation request before anything is stored, and reports every fault at once.</summary>
internal sealed class EvaluationRequestCheck(DatasetCatalogue datasets, ModelRepository models, EvaluatedModels evaluated, SpareCores cores)
{
    /// <summary>The highest priority; the lowest is as far below 0.</summary>
    public const int HighestPriority = 10;

    /// <summary>Faults of submitted detections that are listed.</summary>
    private const int MostFaults = 1000;

    /// <summary>Checks a request.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">Cancels.</param>
    /// <param name="takesSubmitted">Whether the model may be one that was submitted to a leaderboard: those are evaluated for their submission alone.</param>
    /// <exception cref="RequestRefusedException">400 with an <c>errors</c> object: field to faults.</exception>
    public async Task<CheckedEvaluation> CheckAsync(EvaluationRequest request, Caller caller, CancellationToken ct, bool takesSubmitted = false)
    {
        var faults = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        var name = request.Protocol ?? Protocols.Default;
        var protocol = Protocols.Find(name);
        if (protocol is null)
            faults["protocol"] = [$"There is no protocol \"{name}\". Protocols: {string.Join(", ", Protocols.Names)}."];

        var opened = await TryAsync(faults, "dataset", () => OpenAsync(request, ct));
        var folder = opened?.Folder;
        var split = folder is null ? null : Try(faults, "split", () => SplitChoice.Of(folder, request.Split));
        var dataset = folder is null || split is null ? null : await TryAsync(faults, "dataset", () => ReadAsync(opened!, split, protocol, caller, ct));

        var model = await CheckSourceAsync(request, takesSubmitted, faults, ct);
        if (protocol is not null && model is not null && ModelProtocols.FaultOf(protocol, model) is { } unfit)
            faults["protocol"] = [unfit];
        if (model is not null && dataset is not null && CategoryFault(model, dataset) is { } fault)
            faults["model"] = [fault];
        var detections = request.Detections is { } submitted && request.Model is null ? await ReadAsync(submitted, dataset, protocol, faults, ct) : null;
        if (request.Priority is < -HighestPriority or > HighestPriority)
            faults["priority"] = [$"{request.Priority} is not between {-HighestPriority} and {HighestPriority}."];
        if (request.Device is not (null or Node.Cpu or Node.Gpu))
            faults["device"] = [$"\"{request.Device}\" is not a device; there are {Node.Cpu} and {Node.Gpu}."];
        else if (request is { Model: null, Device: not null })
            faults["device"] = ["A device needs a model."];
        if (request is { Model: null, Latency: true })
            faults["latency"] = ["A latency needs a model: it is measured on this server."];

        RequestFaults.Refuse(faults);
        return new CheckedEvaluation(folder!.Name, opened!.Known.Version.Hash, split!, dataset!, name, model, detections);
    }

    private async Task<DetectionTable> ReadAsync(
        SubmittedDetections submitted, Dataset? dataset, Protocol? protocol, SortedDictionary<string, string[]> faults, CancellationToken ct)
    {
        await using var stream = submitted.Open();
        var results = await cores.ShareAsync(() => ResultsCheck.ReadAsync(stream, "detections", dataset, protocol?.Parts ?? AnnotationParts.Boxes, MostFaults, ct), ct);
        List<string> texts = [.. results.Faults.Select(fault => results.Sentence("detections", fault))];
        if (results.FaultCount > texts.Count)
            texts.Add($"Only the first {texts.Count:N0} of {results.FaultCount:N0} faults are listed.");
        if (results.Unreadable is { } unreadable)
            texts.Add(unreadable);
        if (texts.Count > 0)
            faults["detections"] = [.. texts];
        return results.Detections;
    }

    private async Task<OpenedDataset> OpenAsync(EvaluationRequest request, CancellationToken ct)
    {
        if (request.Dataset is null)
            throw Missing("dataset", await datasets.NamesAsync(ct));
        return await datasets.OpenAsync(request.Dataset, request.DatasetVersion, ct);
    }

    private async Task<Dataset> ReadAsync(OpenedDataset opened, string split, Protocol? protocol, Caller caller, CancellationToken ct)
    {
        var (folder, withholding) = (opened.Folder, Withholding.Of(opened.Known.Dataset, caller));
        var parts = protocol?.Parts ?? AnnotationParts.Boxes;
        try
        {
            var dataset = await datasets.ReadAsync(folder, split, parts, ct);
            if (parts is AnnotationParts.Segmentations)
                dataset.RequireMasks($"{folder.Name}/{split}");
            return dataset;
        }
        catch (InvalidInputException fault) when (withholding.IsPartial)
        {
            throw new InvalidInputException(withholding.Text(fault.Message)!, fault);
        }
    }

    private async Task<Passport?> CheckSourceAsync(EvaluationRequest request, bool takesSubmitted, SortedDictionary<string, string[]> faults, CancellationToken ct)
    {
        if (request is { Model: null, Detections: null })
            faults["model"] = [$"Either \"model\" or \"detections\" must be given. Models: {string.Join(", ", models.Names.DefaultIfEmpty("none"))}."];
        else if (request is { Model: not null, Detections: not null })
            faults["model"] = ["Only one of \"model\" and \"detections\" can be given."];
        else if (request is { Model: null, Version: not null })
            faults["version"] = ["A version needs a model."];
        return request.Model is null ? null : await TryAsync(faults, "model", () => PassportAsync(request.Model, request.Version, takesSubmitted, ct));
    }

    /// <summary>A foreign model is known only once it is loaded.</summary>
    private async Task<Passport> PassportAsync(string name, int? version, bool takesSubmitted, CancellationToken ct)
    {
        if ((takesSubmitted ? evaluated.Find(name, version) : models.Find(name, version)).Passport is { } passport)
            return passport;
        using var lease = await (takesSubmitted ? evaluated.AcquireAsync(name, version, ct) : models.AcquireAsync(name, version, ct));
        return lease.Model.Passport;
    }

    private static string? CategoryFault(Passport model, Dataset dataset)
    {
        var names = dataset.Categories.Select(category => category.Name).ToHashSet();
        return model.Categories.Any(category => names.Contains(category.Name))
            ? null
            : $"Model \"{model.Name}\" detects none of the dataset's categories. The model's: {List(model.Categories)}. The dataset's: {List(dataset.Categories)}.";

        static string List(IReadOnlyList<Category> categories) => string.Join(", ", categories.Select(category => category.Name));
    }

    private static InvalidInputException Missing(string field, IReadOnlyList<string> names)
        => new($"\"{field}\" must be given. Datasets: {string.Join(", ", names.DefaultIfEmpty("none"))}.");

    private static T? Try<T>(SortedDictionary<string, string[]> faults, string field, Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (InvalidInputException fault)
        {
            faults[field] = [fault.Message];
            return null;
        }
    }

    private static async Task<T?> TryAsync<T>(SortedDictionary<string, string[]> faults, string field, Func<Task<T>> read) where T : class
    {
        try
        {
            return await read();
        }
        catch (InvalidInputException fault)
        {
            faults[field] = [fault.Message];
            return null;
        }
    }
}
