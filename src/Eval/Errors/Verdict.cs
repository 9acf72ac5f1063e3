using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serve.Eval.Errors;

/// <summary>What became of a detection or an object. On the wire in lower case.</summary>
[JsonConverter(typeof(VerdictConverter))]
public enum Verdict
{
    /// <summary>A detection on an object of its category; an object with one.</summary>
    Matched,

    /// <summary>A detection on an object of another category; an object that is taken for another category.</summary>
    Confused,

    /// <summary>A detection on no object.</summary>
    False,

    /// <summary>An object that nothing was detected on.</summary>
    Missed,

    /// <summary>It counts neither way: an object that nobody has to find, or a detection on one.</summary>
    Ignored,
}

/// <summary>Writes <c>matched</c>, <c>confused</c>, <c>false</c>, <c>missed</c>, <c>ignored</c>.</summary>
public sealed class VerdictConverter() : JsonStringEnumConverter<Verdict>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
