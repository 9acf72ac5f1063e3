using System.Text.Json;
using System.Text.Json.Serialization;
using Serve.Inference.Repository;

namespace Serve.Api.Models;

/// <summary>The models of this server.</summary>
/// <param name="Models">Every model and version, by name and version.</param>
/// <param name="Default">The model that answers requests which name none; null when there are no models.</param>
/// <param name="Faults">What lies in the models folder and cannot be served, each with its fault.</param>
/// <param name="MemoryBytes">Memory that the loaded models hold together.</param>
public sealed record ModelList(IReadOnlyList<ModelSummary> Models, string? Default, IReadOnlyList<string> Faults, long MemoryBytes);

/// <summary>One model in the list.</summary>
/// <param name="Name">Name of the model.</param>
/// <param name="Version">Its version, 1 and up.</param>
/// <param name="State">Where it stands. What is unloaded is loaded when first asked for, unless the reason says that it was unloaded by request.</param>
/// <param name="Reason">Why it stands there; empty when there is nothing to say.</param>
/// <param name="Family">Its output family; null for a foreign model that has not been loaded yet.</param>
/// <param name="Categories">Names of what it detects, in label order; empty while that is not known.</param>
/// <param name="InputWidth">Width of its input tensor, pixels; null while that is not known.</param>
/// <param name="InputHeight">Height of its input tensor, pixels; null while that is not known.</param>
/// <param name="ScoreThreshold">Score below which detections are left out unless asked for; null while that is not known.</param>
/// <param name="Loaded">Whether it is in memory.</param>
/// <param name="Pinned">Whether it stays in memory whatever else is needed.</param>
/// <param name="MemoryBytes">Memory that it holds.</param>
public sealed record ModelSummary(
    string Name, int Version, [property: JsonConverter(typeof(ModelStateConverter))] ModelState State, string Reason, string? Family,
    IReadOnlyList<string> Categories, int? InputWidth, int? InputHeight, double? ScoreThreshold, bool Loaded, bool Pinned, long MemoryBytes);

/// <summary>One model in full.</summary>
/// <param name="Name">Name of the model.</param>
/// <param name="Version">The version described here: the one that answers, unless another was asked for.</param>
/// <param name="Versions">All its versions.</param>
/// <param name="States">Where each of them stands.</param>
/// <param name="State">Where this one stands.</param>
/// <param name="Reason">Why it stands there; empty when there is nothing to say.</param>
/// <param name="Tag">Changes whenever its files do; also the answer's <c>ETag</c>.</param>
/// <param name="Family">Its output family; null for a foreign model that has not been loaded yet.</param>
/// <param name="Explanation">What was recognised and why, a sentence each.</param>
/// <param name="Loaded">Whether it is in memory.</param>
/// <param name="Pinned">Whether it stays in memory whatever else is needed.</param>
/// <param name="InUse">Requests that it is answering now.</param>
/// <param name="MemoryBytes">Memory that it holds.</param>
/// <param name="Device">The device that runs it; null until it is loaded.</param>
/// <param name="DeviceReason">Why that device; null until it is loaded.</param>
/// <param name="MaxBatch">Most pictures in one run; null until it is loaded.</param>
/// <param name="ContentHash">SHA-256 of its ONNX file, lower-case hexadecimal; null until it is loaded.</param>
/// <param name="Passport">Its passport, as <c>model.json</c> has it: input, outputs, categories, provenance; null for a foreign model that has not been loaded yet.</param>
public sealed record ModelDocument(
    string Name, int Version, IReadOnlyList<int> Versions, IReadOnlyList<VersionState> States, [property: JsonConverter(typeof(ModelStateConverter))] ModelState State,
    string Reason, string Tag, string? Family, IReadOnlyList<string> Explanation, bool Loaded, bool Pinned, int InUse, long MemoryBytes,
    string? Device, string? DeviceReason, int? MaxBatch, string? ContentHash, JsonElement? Passport);

/// <summary>Where a version stands.</summary>
/// <param name="Version">The version.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Reason">Why; empty when there is nothing to say.</param>
public sealed record VersionState(int Version, [property: JsonConverter(typeof(ModelStateConverter))] ModelState State, string Reason);

/// <summary>Writes states in lower case.</summary>
internal sealed class ModelStateConverter() : JsonStringEnumConverter<ModelState>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
