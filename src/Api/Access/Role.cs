using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serve.Api.Access;

/// <summary>What a key may do; each role may also do what those before it may. On the wire in lower case.</summary>
[JsonConverter(typeof(RoleConverter))]
public enum Role
{
    /// <summary>Reads, and detects.</summary>
    Reader,

    /// <summary>Also asks for evaluations, and cancels its own.</summary>
    Submitter,

    /// <summary>Also registers what others are measured on.</summary>
    Host,

    /// <summary>Also changes models and keys, and reads the audit log.</summary>
    Administrator,
}

/// <summary>Writes <c>reader</c>, <c>submitter</c>, <c>host</c>, <c>administrator</c>.</summary>
internal sealed class RoleConverter() : JsonStringEnumConverter<Role>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

/// <summary>Roles by their names.</summary>
internal static class RoleNames
{
    /// <summary>All names, the least first.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<Role>().Select(role => role.Name())];

    /// <summary>A role's name.</summary>
    public static string Name(this Role role) => JsonNamingPolicy.CamelCase.ConvertName($"{role}");

    /// <summary>The role of a name, or null.</summary>
    public static Role? Find(string? name) => All.ToList().IndexOf(name ?? "") is >= 0 and var index ? (Role)index : null;
}
