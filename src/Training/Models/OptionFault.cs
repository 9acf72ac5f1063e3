namespace Serve.Training.Models;

/// <summary>The sentence about an option that is out of range.</summary>
internal static class OptionFault
{
    /// <summary><c>Backbone.Depth is 20; allowed: 18, 34, 50 or 101.</c></summary>
    public static string Of(string path, object? value, string allowed) => FormattableString.Invariant($"{path} is {value ?? "null"}; allowed: {allowed}.");
}
