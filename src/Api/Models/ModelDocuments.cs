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
/// <param name="Execution">How it is run, as found when it was loaded; null until it is loaded.</param>
/// <param name="Statistics">What it has done since it was loaded; null until it is loaded.</param>
/// <param name="ContentHash">SHA-256 of its ONNX file, lower-case hexadecimal; null until it is loaded.</param>
/// <param name="Passport">Its passport, as <c>model.json</c> has it: input, outputs, categories, provenance; null for a foreign model that has not been loaded yet.</param>
public sealed record ModelDocument(
    string Name, int Version, IReadOnlyList<int> Versions, IReadOnlyList<VersionState> States, [property: JsonConverter(typeof(ModelStateConverter))] ModelState State,
    string Reason, string Tag, string? Family, IReadOnlyList<string> Explanation, bool Loaded, bool Pinned, int InUse, long MemoryBytes,
    string? Device, string? DeviceReason, int? MaxBatch, ExecutionDocument? Execution, StatisticsDocument? Statistics, string? ContentHash, JsonElement? Passport);

/// <summary>How a model is run.</summary>
/// <param name="Provider">ONNX Runtime's name of what runs it.</param>
/// <param name="NodesPerProvider">Nodes of the optimised graph by who runs them; on a GPU, those of the CPU are what it could not take.</param>
/// <param name="Runners">Runs side by side.</param>
/// <param name="ThreadsAlone">Threads of a run that has the machine to itself.</param>
/// <param name="ThreadsShared">Threads of each of several runs side by side.</param>
/// <param name="FavouredBatch">Most pictures that are worth running together, by the measured times.</param>
/// <param name="MillisecondsAlone">Time of a run of one picture that has the machine to itself, measured at load.</param>
/// <param name="MillisecondsPerBatch">Time of a run by batch size, a moving average.</param>
public sealed record ExecutionDocument(
    string Provider, IReadOnlyDictionary<string, int> NodesPerProvider, int Runners, int ThreadsAlone, int ThreadsShared, int FavouredBatch,
    double MillisecondsAlone, IReadOnlyDictionary<string, double> MillisecondsPerBatch);

/// <summary>What a model has done since it was loaded.</summary>
/// <param name="Pictures">Pictures that were run.</param>
/// <param name="Runs">Runs; fewer than pictures where some ran together.</param>
/// <param name="Answered">Requests that were answered.</param>
/// <param name="Failed">Requests that were not answered.</param>
/// <param name="QueueMilliseconds">Waiting, of all answered requests together.</param>
/// <param name="InferMilliseconds">Running, of all answered requests together.</param>
/// <param name="LastRun">When the last run ended; null before the first.</param>
public sealed record StatisticsDocument(
    long Pictures, long Runs, long Answered, long Failed, double QueueMilliseconds, double InferMilliseconds, DateTimeOffset? LastRun);

/// <summary>Where a version stands.</summary>
/// <param name="Version">The version.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Reason">Why; empty when there is nothing to say.</param>
public sealed record VersionState(int Version, [property: JsonConverter(typeof(ModelStateConverter))] ModelState State, string Reason);

/// <summary>Writes states in lower case.</summary>
internal sealed class ModelStateConverter() : JsonStringEnumConverter<ModelState>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
