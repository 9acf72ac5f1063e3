using System.Globalization;
using Serve.Eval;

namespace Serve.Inference.Datasets;

/// <summary>Which frames of each segment are read: those whose index ends with a digit, or all.</summary>
/// <remarks>The USB benchmark takes f0: frames 0, 10, 20, … of each segment, with all five cameras.</remarks>
/// <param name="Digit">The last digit of the index; null for all frames.</param>
public readonly record struct WaymoFrames(int? Digit)
{
    /// <summary>Frames 0, 10, 20, …</summary>
    public static WaymoFrames F0 { get; } = new(0);

    /// <summary>Reads <c>f0</c> to <c>f9</c>, or <c>all</c>.</summary>
    /// <exception cref="InvalidInputException">It is something else.</exception>
    public static WaymoFrames Parse(string text) => text switch
    {
        "all" => new(null),
        ['f', >= '0' and <= '9' and var digit] => new(digit - '0'),
        _ => throw new InvalidInputException($"--frames: got {text}, allowed are f0 to f9 (frames whose index ends with that digit) and all."),
    };

    /// <summary>Whether a frame is read.</summary>
    /// <param name="index">Its index in the segment, from 0.</param>
    public bool Contains(int index) => Digit is null || index % 10 == Digit;

    /// <inheritdoc/>
    public override string ToString() => Digit is null ? "all" : string.Create(CultureInfo.InvariantCulture, $"f{Digit}");
}
