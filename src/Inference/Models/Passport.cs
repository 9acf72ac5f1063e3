using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Json;
using Serve.Inference.Decoding;
using Serve.Inference.Onnx;

namespace Serve.Inference.Models;

/// <summary>The record beside each model (<c>model.json</c>, also in the ONNX metadata under <see cref="MetadataKey"/>).</summary>
/// <remarks>Unknown fields of a file are passed over, so that a passport of a later version can be read; missing and wrong ones are refused.</remarks>
public sealed record Passport
{
    /// <summary>The version of the layout that this program writes and reads.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Key of the record in an ONNX file's metadata.</summary>
    public const string MetadataKey = "serve.passport";

    /// <summary>Name of the record's file beside <c>model.onnx</c>.</summary>
    public const string FileName = "model.json";

    /// <summary>Version of this record's layout.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>Name of the model: letters, digits, dots, dashes and underscores.</summary>
    public required string Name { get; init; }

    /// <summary>Version of the model, 1 and up.</summary>
    public required int Version { get; init; }

    /// <summary>Output family: <c>end-to-end</c> for our own exports.</summary>
    public string Family { get; init; } = "end-to-end";

    /// <summary>Input.</summary>
    public required InputSpec Input { get; init; }

    /// <summary>Outputs.</summary>
    public OutputSpec Outputs { get; init; } = new();

    /// <summary>How detections stand in the outputs; null for our own exports, whose outputs are named in <see cref="Outputs"/>.</summary>
    public DecodingSpec? Decoding { get; init; }

    /// <summary>Categories in label order.</summary>
    public required IReadOnlyList<Category> Categories { get; init; }

    /// <summary>Score below which detections are not shown unless asked for.</summary>
    public double ScoreThreshold { get; init; } = 0.3;

    /// <summary>Where the model comes from; null when unknown (a foreign model).</summary>
    public Provenance? Provenance { get; init; }

    /// <summary>Whether its detections have masks.</summary>
    [JsonIgnore]
    public bool GivesMasks => Decoding is { } decoding ? decoding.Masks is not null : Outputs.Masks is not null;

    /// <summary>Reads a <c>model.json</c>.</summary>
    /// <exception cref="InvalidInputException">Missing or wrong fields; the message names the file and every fault.</exception>
    public static Passport Read(string path)
    {
        try
        {
            return FromJson(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidInputException($"{path}: there is no such passport.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path}: the passport cannot be read ({e.GetType().Name}).", e);
        }
    }

    /// <summary>Reads the record from JSON.</summary>
    /// <param name="json">The JSON text.</param>
    /// <param name="source">What to call it in messages: a file, or where else it was found.</param>
    /// <exception cref="InvalidInputException">Missing or wrong fields; the message names the source and every fault.</exception>
    public static Passport FromJson(string json, string source = "passport") => FromJson(Encoding.UTF8.GetBytes(json), source);

    /// <summary>The record inside an ONNX file as its text, whole or not; null when there is none.</summary>
    /// <exception cref="InvalidInputException">There is no such file, it is no ONNX file, or it is damaged.</exception>
    public static string? TextInside(string graphPath) => OnnxFile.Describe(graphPath).Metadata.GetValueOrDefault(MetadataKey);

    /// <summary>Writes a <c>model.json</c>: whole or not at all.</summary>
    /// <exception cref="InvalidInputException">The record itself has faults; the message lists them.</exception>
    public async Task WriteAsync(string path, CancellationToken ct)
    {
        PassportRules.Require(PassportRules.Faults(this), path);
        await OutputFile.WriteAsync(path, Encoding.UTF8.GetBytes(ToJson() + "\n"), ct);
    }

    /// <summary>The record as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PassportJson.Options);

    private static Passport FromJson(byte[] json, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            UnicodeTexts.Require(json, source);
            PassportRules.Require(PassportFields.Faults(document.RootElement), source);
            var passport = document.Deserialize<Passport>(PassportJson.Options)!;
            PassportRules.Require(PassportRules.Faults(passport), source);
            return passport;
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{source}: the passport cannot be read as JSON. {SyntaxReason.Shortened(e.Message)}", e);
        }
    }
}
