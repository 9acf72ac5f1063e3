using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Serve.Api.Evaluation;
using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Api.Wire;

namespace Serve.Api.Leaderboards;

/// <summary>A submission as it came.</summary>
/// <param name="Request">Its fields.</param>
/// <param name="Graph">The ONNX file of a model that is submitted; null for others.</param>
/// <param name="Passport">The passport that came with it, as JSON; null for none.</param>
internal sealed record ReadSubmission(SubmissionRequest Request, IFormFile? Graph = null, byte[]? Passport = null);

/// <summary>Reads a submission: JSON, or a form whose files are detections or a model.</summary>
internal sealed class SubmissionReader(IOptions<ServeOptions> options)
{
    /// <summary>Media types of the request.</summary>
    public static IReadOnlyList<string> Types { get; } = [AnswerFormat.Json, Form];

    private const string Form = "multipart/form-data";
    private const string Detections = "detections";
    private const string Model = "model";
    private const string Passport = "passport";
    private const string Declared = "declared";
    private const int MostPassportBytes = 4 << 20;
    private const string Allowed = "the fields method, description, division and declared, and the files detections, detections.DATASET, model and passport";

    private static readonly string[] Fields = ["method", "description", "division", Declared];

    /// <summary>Reads it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="datasets">Names of the leaderboard's datasets.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="RequestRefusedException">400: the request is malformed; 413: it is too large; 415: it is neither JSON nor a form.</exception>
    public async Task<ReadSubmission> ReadAsync(HttpRequest request, IReadOnlyList<string> datasets, CancellationToken ct)
    {
        if (request.HasJsonContentType())
            return new(await ReadJsonAsync(request, ct));
        if (request.HasFormContentType && request.ContentType!.StartsWith(Form, StringComparison.OrdinalIgnoreCase))
            return await ReadFormAsync(request, datasets, ct);
        throw new RequestRefusedException(StatusCodes.Status415UnsupportedMediaType,
            $"The content type \"{request.ContentType}\" is not read here. Send application/json, or a form (multipart/form-data) with files of detections or a model.").With("supported", Types);
    }

    private async Task<SubmissionRequest> ReadJsonAsync(HttpRequest request, CancellationToken ct)
    {
        RequireSize(request.ContentLength ?? 0, options.Value.MaxUploadBytes);
        try
        {
            return await request.ReadFromJsonAsync(ServeJson.Default.SubmissionRequest, ct) ?? throw Refused("The JSON body is null; it must be an object.");
        }
        catch (JsonException fault)
        {
            throw Refused(BadRequestText.Of(fault));
        }
    }

    private async Task<ReadSubmission> ReadFormAsync(HttpRequest request, IReadOnlyList<string> datasets, CancellationToken ct)
    {
        IFormCollection form;
        try
        {
            // What is large is kept on the disk meanwhile.
            form = await request.ReadFormAsync(new FormOptions { MultipartBodyLengthLimit = Math.Max(options.Value.MaxUploadBytes, options.Value.MaxModelBytes) }, ct);
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw Refused($"The multipart form is malformed: {fault.Message.TrimEnd('.')}.");
        }
        var faults = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var name in form.Keys.Except(Fields))
            faults[name] = [$"The form has a field \"{name}\"; allowed are {Allowed}."];
        foreach (var name in form.Files.Select(file => file.Name).Where(name => name is not (Detections or Model or Passport) && !name.StartsWith($"{Detections}.", StringComparison.Ordinal)))
            faults[name] = [$"The form has a file \"{name}\"; allowed are {Allowed}."];
        foreach (var twice in form.Files.GroupBy(file => file.Name).Where(group => group.Count() > 1))
            faults[twice.Key] = [$"The form has {twice.Count()} files \"{twice.Key}\"; one is allowed."];
        if (form.Files.GetFile(Detections) is not null && datasets.Count > 1)
            faults[Detections] = [$"This leaderboard has {datasets.Count} datasets; name the file of each: {string.Join(", ", datasets.Select(name => $"{Detections}.{name}"))}."];
        else if (form.Files.GetFile(Detections) is not null && form.Files.GetFile($"{Detections}.{datasets[0]}") is not null)
            faults[Detections] = [$"The form has the files {Detections} and {Detections}.{datasets[0]}, which are of the same dataset."];
        var declared = Text(form, Declared) is { } json ? DeclaredOf(json, faults) : null;
        var passport = form.Files.GetFile(Passport) is { } file ? await PassportOfAsync(file, faults, ct) : null;
        RequestFaults.Refuse(faults);
        RequireSize(form.Files.Where(part => part.Name != Model).Sum(part => part.Length), options.Value.MaxUploadBytes);
        RequireSize(form.Files.GetFile(Model)?.Length ?? 0, options.Value.MaxModelBytes);
        return new(
            new()
            {
                Method = Text(form, "method"),
                Description = Text(form, "description"),
                Division = Text(form, "division"),
                Declared = declared,
                Detections = form.Files.Where(part => part.Name is not (Model or Passport)).ToDictionary(
                    part => part.Name == Detections ? datasets[0] : part.Name[(Detections.Length + 1)..], part => new SubmittedDetections(part.OpenReadStream)) is { Count: > 0 } detections ? detections : null,
            },
            form.Files.GetFile(Model), passport);
    }

    private static DeclaredTraining? DeclaredOf(string json, SortedDictionary<string, string[]> faults)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ServeJson.Default.DeclaredTraining);
        }
        catch (JsonException fault)
        {
            faults[Declared] = [BadRequestText.Of(fault).Replace("The JSON body", "\"declared\"", StringComparison.Ordinal)];
            return null;
        }
    }

    private static async Task<byte[]?> PassportOfAsync(IFormFile file, SortedDictionary<string, string[]> faults, CancellationToken ct)
    {
        if (file.Length > MostPassportBytes)
        {
            faults[Passport] = [$"The passport has {file.Length:N0} bytes; at most {MostPassportBytes:N0} are allowed."];
            return null;
        }
        using var bytes = new MemoryStream();
        await file.CopyToAsync(bytes, ct);
        return bytes.ToArray();
    }

    private static void RequireSize(long bytes, long limit)
    {
        if (bytes > limit)
            throw new RequestRefusedException(StatusCodes.Status413PayloadTooLarge, $"What was sent has {bytes:N0} bytes; at most {limit:N0} are allowed.").With("maxBytes", limit);
    }

    private static string? Text(IFormCollection form, string name) => form[name].ToString() is { Length: > 0 } text ? text : null;

    private static RequestRefusedException Refused(string cause) => new(StatusCodes.Status400BadRequest, cause);
}
