using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Serve.Api.Hosting;
using Serve.Api.Models;
using Serve.Api.Problems;
using Serve.Api.Wire;

namespace Serve.Api.Evaluation;

/// <summary>Reads what is asked: JSON, or a form whose file has the detections.</summary>
internal sealed class EvaluationRequestReader(IOptions<ServeOptions> options)
{
    /// <summary>Media types of the request.</summary>
    public static IReadOnlyList<string> Types { get; } = [AnswerFormat.Json, Form];

    private const string Form = "multipart/form-data";
    private const string Detections = "detections";
    private const string Allowed = "dataset, datasetVersion, split, model, version, protocol, priority, device and latency, and the file detections";

    private static readonly string[] Fields = ["dataset", "datasetVersion", "split", "model", "version", "protocol", "priority", "device", "latency"];

    /// <exception cref="RequestRefusedException">400: the request is malformed; 415: it is neither JSON nor a form.</exception>
    public async Task<EvaluationRequest> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        if (request.HasJsonContentType())
            return await ReadJsonAsync(request, ct);
        if (request.HasFormContentType && request.ContentType!.StartsWith(Form, StringComparison.OrdinalIgnoreCase))
            return await ReadFormAsync(request, ct);
        throw new RequestRefusedException(StatusCodes.Status415UnsupportedMediaType,
            $"The content type \"{request.ContentType}\" is not read here. Send application/json, or a form (multipart/form-data) whose file \"{Detections}\" is a COCO results file or a CSV table.")
            .With("supported", Types);
    }

    private static async Task<EvaluationRequest> ReadJsonAsync(HttpRequest request, CancellationToken ct)
    {
        try
        {
            return await request.ReadFromJsonAsync(ServeJson.Default.EvaluationRequest, ct) ?? throw Refused("The JSON body is null; it must be an object.");
        }
        catch (JsonException fault)
        {
            throw Refused(BadRequestText.Of(fault));
        }
    }

    private async Task<EvaluationRequest> ReadFormAsync(HttpRequest request, CancellationToken ct)
    {
        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(new FormOptions { MultipartBodyLengthLimit = options.Value.MaxUploadBytes }, ct);
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException and not BadHttpRequestException && !(fault is IOException disk && StorageFaults.IsFull(disk)))
        {
            throw Refused($"The multipart form is malformed: {fault.Message.TrimEnd('.')}.");
        }
        var faults = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var name in form.Keys.Except(Fields))
            faults[name] = [$"The form has a field \"{name}\"; allowed are {Allowed}."];
        foreach (var name in form.Files.Select(file => file.Name).Where(name => name != Detections))
            faults[name] = [$"The form has a file \"{name}\"; allowed are {Allowed}."];
        if (form.Files.Count > 1)
            faults[Detections] = [$"The form has {form.Files.Count} files; one is allowed, \"{Detections}\"."];
        var (version, datasetVersion, priority) = (Number(form, "version", faults), Number(form, "datasetVersion", faults), Number(form, "priority", faults));
        var latency = Flag(form, "latency", faults);
        if (faults.Count > 0)
            throw Refused(string.Join(" ", faults.Values.SelectMany(list => list))).With("errors", faults.ToDictionary());
        return new()
        {
            Dataset = Text(form["dataset"]),
            DatasetVersion = datasetVersion,
            Split = Text(form["split"]),
            Model = Text(form["model"]),
            Version = version,
            Protocol = Text(form["protocol"]),
            Priority = priority,
            Device = Text(form["device"]),
            Latency = latency,
            Detections = form.Files is [var file] ? new(file.OpenReadStream) : null,
        };
    }

    private static int? Number(IFormCollection form, string name, SortedDictionary<string, string[]> faults)
    {
        if (Text(form[name]) is not { } given)
            return null;
        if (int.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return number;
        faults[name] = [$"The {name} is \"{given}\"; it must be a whole number."];
        return null;
    }

    private static bool? Flag(IFormCollection form, string name, SortedDictionary<string, string[]> faults)
    {
        if (Text(form[name]) is not { } given)
            return null;
        if (given is "true" or "false")
            return given == "true";
        faults[name] = [$"The {name} is \"{given}\"; it must be true or false."];
        return null;
    }

    private static string? Text(StringValues values) => values.ToString() is { Length: > 0 } text ? text : null;

    private static RequestRefusedException Refused(string cause) => new(StatusCodes.Status400BadRequest, cause);
}
