using System.Text.Json;

namespace Serve.Api.Models;

/// <summary>The models of this server.</summary>
/// <param name="Models">Every model and version, by name and version.</param>
/// <param name="Default">The model that answers requests which name none; null when there are no models.</param>
/// <param name="Faults">Folders that look like models and cannot be served, each with its fault.</param>
public sealed record ModelList(IReadOnlyList<ModelSummary> Models, string? Default, IReadOnlyList<string> Faults);

/// <summary>One model in the list.</summary>
/// <param name="Name">Name of the model.</param>
/// <param name="Version">Its version, 1 and up.</param>
/// <param name="Family">Its output family.</param>
/// <param name="Categories">Names of what it detects, in label order.</param>
/// <param name="InputWidth">Width of its input tensor, pixels.</param>
/// <param name="InputHeight">Height of its input tensor, pixels.</param>
/// <param name="ScoreThreshold">Score below which detections are left out unless asked for.</param>
/// <param name="Loaded">Whether it is in memory; a model is loaded when first asked for.</param>
public sealed record ModelSummary(
    string Name, int Version, string Family, IReadOnlyList<string> Categories, int InputWidth, int InputHeight, double ScoreThreshold, bool Loaded);

/// <summary>One model in full.</summary>
/// <param name="Name">Name of the model.</param>
/// <param name="Version">The version described here: the highest, unless another was asked for.</param>
/// <param name="Versions">All its versions.</param>
/// <param name="Loaded">Whether it is in memory.</param>
/// <param name="Device">The device that runs it; null until it is loaded.</param>
/// <param name="DeviceReason">Why that device; null until it is loaded.</param>
/// <param name="ContentHash">SHA-256 of its ONNX file, lower-case hexadecimal; null until it is loaded.</param>
/// <param name="Passport">Its passport, as <c>model.json</c> has it: input, outputs, categories, provenance.</param>
public sealed record ModelDocument(
    string Name, int Version, IReadOnlyList<int> Versions, bool Loaded, string? Device, string? DeviceReason, string? ContentHash, JsonElement Passport);
