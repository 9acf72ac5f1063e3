namespace Serve.Training.Models;

/// <summary>The sentence about an option that is out of range.</summary>
internal static class OptionFault
{
    /// <summary><c>Backbone.Depth is 34; allowed: 18 or 50.</c></summary>
    public static string Of(string path, object? value, string allowed) => FormattableString.Invariant($"{path} is {value ?? "null"}; allowed: {allowed}.");
}
