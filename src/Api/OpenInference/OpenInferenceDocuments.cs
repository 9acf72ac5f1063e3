using System.Text.Json.Serialization;

namespace Serve.Api.OpenInference;

/// <summary>The server.</summary>
/// <param name="Name">Always <c>serve</c>.</param>
/// <param name="Version">Its version.</param>
/// <param name="Extensions">Extensions of the protocol that work here.</param>
public sealed record ServerMetadata(string Name, string Version, IReadOnlyList<string> Extensions);

/// <summary>Whether the server answers, and whether its models do.</summary>
/// <param name="Live">The process takes requests.</param>
/// <param name="Ready">Of every model that is meant to be in memory a version answers; null where only life was asked for.</param>
/// <param name="Error">What is not ready; null when all is.</param>
/// <param name="Failed">Newer versions that could not be loaded, while another of their model answers; null when there are none.</param>
public sealed record ServerHealth(bool Live, bool? Ready = null, string? Error = null, IReadOnlyList<string>? Failed = null);

/// <summary>Whether a model answers.</summary>
/// <param name="Name">The name asked for.</param>
/// <param name="Ready">It is loaded and warmed up.</param>
/// <param name="Error">Why not; null when it is.</param>
public sealed record ModelHealth(string Name, bool Ready, string? Error = null);

/// <summary>What a model takes and gives.</summary>
/// <param name="Name">The name asked for.</param>
/// <param name="Versions">Versions there are.</param>
/// <param name="Platform"><c>onnx_onnxv1</c></param>
/// <param name="Inputs">What has to be sent.</param>
/// <param name="Outputs">What can be asked for.</param>
/// <param name="Properties">What else is worth knowing; lists as JSON text.</param>
public sealed record ModelMetadata(
    string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorMetadata> Inputs, IReadOnlyList<TensorMetadata> Outputs,
    IReadOnlyDictionary<string, string> Properties);

/// <summary>An input or output.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Datatype">Its type.</param>
/// <param name="Shape">Its shape, the batch included; -1 for a side that is free.</param>
public sealed record TensorMetadata(string Name, string Datatype, IReadOnlyList<int> Shape);

/// <summary>A model's configuration, in the words of the <c>model_configuration</c> extension.</summary>
/// <param name="Name">The name asked for.</param>
/// <param name="Platform"><c>onnxruntime_onnx</c></param>
/// <param name="Backend"><c>onnxruntime</c></param>
/// <param name="VersionPolicy">Which versions are served.</param>
/// <param name="MaxBatchSize">Most elements of a batch; 0 where the dimensions below hold the batch themselves, or there is none.</param>
/// <param name="Input">Inputs; without the batch where <paramref name="MaxBatchSize"/> is above 0.</param>
/// <param name="Output">Outputs, likewise.</param>
/// <param name="DynamicBatching">Set where requests are put together into batches.</param>
public sealed record ModelConfiguration(
    string Name, string Platform, string Backend, VersionPolicyDocument VersionPolicy, int MaxBatchSize, IReadOnlyList<TensorConfiguration> Input,
    IReadOnlyList<TensorConfiguration> Output, DynamicBatchingDocument? DynamicBatching);

/// <summary>Which versions are served.</summary>
/// <param name="Specific">Those listed.</param>
public sealed record VersionPolicyDocument(SpecificVersions Specific);

/// <summary>A list of versions.</summary>
/// <param name="Versions">The versions.</param>
public sealed record SpecificVersions(IReadOnlyList<int> Versions);

/// <summary>Requests are put together into batches; there is nothing to set.</summary>
public sealed record DynamicBatchingDocument;

/// <summary>An input or output in a configuration.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DataType"><c>TYPE_</c> and the type.</param>
/// <param name="Dims">Its dimensions; -1 for one that is free.</param>
public sealed record TensorConfiguration(string Name, string DataType, IReadOnlyList<int> Dims);

/// <summary>A version in the index of models.</summary>
/// <param name="Name">Name of the model.</param>
/// <param name="Version">Its version.</param>
/// <param name="State"><c>READY</c>, <c>UNAVAILABLE</c>, <c>LOADING</c> or <c>UNLOADING</c>.</param>
/// <param name="Reason">Why; empty when there is nothing to say.</param>
public sealed record IndexEntry(string Name, string Version, string State, string Reason);

/// <summary>Statistics of models.</summary>
/// <param name="ModelStats">One entry a version that is in memory.</param>
public sealed record StatisticsDocument(IReadOnlyList<ModelStatisticsDocument> ModelStats);

/// <summary>Statistics of a version, counted since it was loaded.</summary>
/// <param name="Name">Name of the model.</param>
/// <param name="Version">Its version.</param>
/// <param name="LastInference">When the last run ended, in milliseconds since 1970; 0 for never.</param>
/// <param name="InferenceCount">Pictures, or elements of a batch, that were answered.</param>
/// <param name="ExecutionCount">Runs of the model.</param>
/// <param name="InferenceStats">Where the time of requests went.</param>
/// <param name="BatchStats">Where the time of runs went, by size of batch.</param>
/// <param name="MemoryUsage">Memory that it holds.</param>
public sealed record ModelStatisticsDocument(
    string Name, string Version, long LastInference, long InferenceCount, long ExecutionCount, InferenceStatisticsDocument InferenceStats,
    IReadOnlyList<BatchStatisticsDocument> BatchStats, IReadOnlyList<MemoryUsageDocument> MemoryUsage);

/// <summary>A number of events and the nanoseconds that they took together.</summary>
/// <param name="Count">How many.</param>
/// <param name="Ns">Nanoseconds.</param>
public sealed record DurationDocument(long Count, long Ns);

/// <summary>Where the time of requests went.</summary>
/// <param name="Success">Answered requests, from their arrival.</param>
/// <param name="Fail">Failed ones.</param>
/// <param name="Queue">Waiting for a run.</param>
/// <param name="ComputeInput">Preparing inputs.</param>
/// <param name="ComputeInfer">Running the model.</param>
/// <param name="ComputeOutput">Reading outputs.</param>
/// <param name="CacheHit">Always 0: answers are not kept.</param>
/// <param name="CacheMiss">Always 0.</param>
public sealed record InferenceStatisticsDocument(
    DurationDocument Success, DurationDocument Fail, DurationDocument Queue, DurationDocument ComputeInput, DurationDocument ComputeInfer,
    DurationDocument ComputeOutput, DurationDocument CacheHit, DurationDocument CacheMiss);

/// <summary>Where the time of runs of one size of batch went.</summary>
/// <param name="BatchSize">The size.</param>
/// <param name="ComputeInput">Preparing inputs.</param>
/// <param name="ComputeInfer">Running the model.</param>
/// <param name="ComputeOutput">Reading outputs.</param>
public sealed record BatchStatisticsDocument(int BatchSize, DurationDocument ComputeInput, DurationDocument ComputeInfer, DurationDocument ComputeOutput);

/// <summary>Memory of one kind.</summary>
/// <param name="Type"><c>CPU</c> or <c>GPU</c>.</param>
/// <param name="Id">Number of the device.</param>
/// <param name="ByteSize">Bytes.</param>
public sealed record MemoryUsageDocument(string Type, int Id, long ByteSize);

/// <summary>The protocol's documents, known to the serialiser at compile time: names in snake case, nothing that is null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServerMetadata))]
[JsonSerializable(typeof(ServerHealth))]
[JsonSerializable(typeof(ModelHealth))]
[JsonSerializable(typeof(ModelMetadata))]
[JsonSerializable(typeof(ModelConfiguration))]
[JsonSerializable(typeof(IReadOnlyList<IndexEntry>))]
[JsonSerializable(typeof(StatisticsDocument))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class OpenInferenceJson : JsonSerializerContext;
