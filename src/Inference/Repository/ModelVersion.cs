using Serve.Inference.Models;

namespace Serve.Inference.Repository;

/// <summary>One version of a model as it stood at one moment.</summary>
/// <param name="Name">Name of the model: that of its folder.</param>
/// <param name="Version">Its version, 1 and up.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Reason">Why it stands there, or why a replacement was not taken; empty when there is nothing to say.</param>
/// <param name="Passport">Its passport; null for a foreign model that has not been loaded yet, whose family is recognised when it is.</param>
/// <param name="Explanation">What was recognised and why, a sentence each.</param>
/// <param name="Loaded">The model in memory, to read its properties; to run it take a lease. Null when it is not loaded.</param>
/// <param name="Pinned">Never unloaded to make room, nor replaced in memory by a newer version.</param>
/// <param name="MemoryBytes">Memory that it holds; 0 when it is not loaded.</param>
/// <param name="InUse">Requests that are being answered by it.</param>
/// <param name="Tag">Changes whenever its files do.</param>
public sealed record ModelVersion(
    string Name, int Version, ModelState State, string Reason, Passport? Passport, IReadOnlyList<string> Explanation, DetectionModel? Loaded,
    bool Pinned, long MemoryBytes, int InUse, string Tag);

/// <summary>A version went from one state to another.</summary>
/// <param name="Version">The version after it.</param>
/// <param name="From">Its state before; the same as now when only the reason is new.</param>
public sealed record ModelTransition(ModelVersion Version, ModelState From);
