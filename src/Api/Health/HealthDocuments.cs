namespace Serve.Api.Health;

/// <summary>The process answers.</summary>
/// <param name="Status">Always <c>live</c>.</param>
public sealed record LiveDocument(string Status);

/// <summary>Whether the server can do its work.</summary>
/// <param name="Status"><c>ready</c> or <c>unready</c>.</param>
/// <param name="Device">The device setting: <c>auto</c>, <c>cpu</c>, <c>cuda:0</c>.</param>
/// <param name="Models">Number of models and versions.</param>
/// <param name="LoadedModels">Those in memory with the devices that run them.</param>
/// <param name="Checks">What was looked at.</param>
public sealed record ReadyDocument(string Status, string Device, int Models, IReadOnlyList<LoadedModel> LoadedModels, IReadOnlyList<HealthCheckDocument> Checks);

/// <summary>A model in memory.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Device">The device that runs it.</param>
/// <param name="DeviceReason">Why that one.</param>
public sealed record LoadedModel(string Name, int Version, string Device, string DeviceReason);

/// <summary>One thing that was looked at.</summary>
/// <param name="Name"><c>models</c>, <c>database</c> or <c>jobs</c>.</param>
/// <param name="Ok">Whether it works.</param>
/// <param name="Detail">What it is doing instead, or which versions of models cannot be served and why; null when there is nothing to say.</param>
public sealed record HealthCheckDocument(string Name, bool Ok, string? Detail);
