using System.Text.RegularExpressions;

namespace Serve.Inference.Pictures;

/// <summary>Tells the warnings of the JPEG library apart by its fixed English texts; a text that is not known counts as harmless.</summary>
internal static partial class JpegWarning
{
    /// <summary>The data ended before the end marker.</summary>
    public static bool IsPrematureEnd(string? message) => message?.Contains("premature end of JPEG image", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>A warning after which all of the picture is still right.</summary>
    public static bool IsHarmless(string? message)
        => message is not null && !IsPrematureEnd(message) && Corruption().Matches(message).All(match => IsBetweenHeaders(match.Groups["marker"]));

    /// <summary>Odd bytes before a restart marker are lost picture content; before any other marker they were padding.</summary>
    private static bool IsBetweenHeaders(Group marker) => marker.Success && (Convert.ToInt32(marker.Value, 16) is < 0xD0 or > 0xD7);

    [GeneratedRegex(@"Corrupt JPEG data:(?: \d+ extraneous bytes before marker 0x(?<marker>[0-9a-f]{2}))?")]
    private static partial Regex Corruption();
}
