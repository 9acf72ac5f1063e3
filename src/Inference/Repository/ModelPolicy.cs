using System.Text.Json;
using Serve.Eval;

namespace Serve.Inference.Repository;

/// <summary>Which versions of a model are served and kept in memory.</summary>
/// <param name="Kind">Latest, all, or those listed.</param>
/// <param name="Listed">The versions listed; empty otherwise.</param>
public sealed record VersionPolicy(VersionPolicyKind Kind, IReadOnlyList<int> Listed)
{
    /// <summary>The highest version answers; those below it are there for requests that name them, and leave memory when a newer one has arrived.</summary>
    public static VersionPolicy Latest { get; } = new(VersionPolicyKind.Latest, []);

    /// <summary>Every version stays in memory once loaded; the highest answers requests that name none.</summary>
    public static VersionPolicy All { get; } = new(VersionPolicyKind.All, []);

    /// <summary>Whether a version may answer at all.</summary>
    public bool Serves(int version) => Kind != VersionPolicyKind.Listed || Listed.Contains(version);
}

/// <summary>Kinds of <see cref="VersionPolicy"/>.</summary>
public enum VersionPolicyKind
{
    /// <summary>The highest version.</summary>
    Latest,

    /// <summary>All versions.</summary>
    All,

    /// <summary>Those that are listed and no others.</summary>
    Listed,
}

/// <summary>How a model is kept: <c>policy.json</c> in the folder of its name.</summary>
/// <param name="Versions">Which versions are served: <c>"latest"</c>, <c>"all"</c>, or an array of numbers.</param>
/// <param name="Pinned">Never unloaded to make room; loaded at start.</param>
/// <param name="Preload">Loaded at start.</param>
internal sealed record ModelPolicy(VersionPolicy Versions, bool Pinned, bool Preload)
{
    /// <summary>Name of the file in <c>models/name/</c>.</summary>
    public const string FileName = "policy.json";

    private const string Allowed = """{"versions": "latest" | "all" | [1, 2, …], "pinned": true | false, "preload": true | false}""";

    /// <summary>Reads a policy; what the file leaves out is as in <paramref name="otherwise"/>.</summary>
    /// <exception cref="InvalidInputException">The file is no policy; the message says what is allowed.</exception>
    public static ModelPolicy Read(string path, ModelPolicy otherwise)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw Refused(path, "it is no object");
            var policy = otherwise;
            foreach (var member in document.RootElement.EnumerateObject())
                policy = member.Name switch
                {
                    "versions" => policy with { Versions = VersionsOf(member.Value) ?? throw Refused(path, $"versions is {member.Value.GetRawText()}") },
                    "pinned" => policy with { Pinned = FlagOf(member.Value) ?? throw Refused(path, $"pinned is {member.Value.GetRawText()}") },
                    "preload" => policy with { Preload = FlagOf(member.Value) ?? throw Refused(path, $"preload is {member.Value.GetRawText()}") },
                    _ => throw Refused(path, $"\"{member.Name}\" is not known"),
                };
            return policy;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Refused(path, e is JsonException ? "it is no JSON" : $"it cannot be read ({e.GetType().Name})");
        }
    }

    private static VersionPolicy? VersionsOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when value.ValueEquals("latest") => VersionPolicy.Latest,
        JsonValueKind.String when value.ValueEquals("all") => VersionPolicy.All,
        JsonValueKind.Array when value.GetArrayLength() > 0 && value.EnumerateArray().All(IsVersion)
            => new VersionPolicy(VersionPolicyKind.Listed, [.. value.EnumerateArray().Select(version => version.GetInt32())]),
        _ => null,
    };

    private static bool IsVersion(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var version) && version > 0;

    private static bool? FlagOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static InvalidInputException Refused(string path, string cause) => new($"{path}: {cause}; allowed is {Allowed}.");
}
