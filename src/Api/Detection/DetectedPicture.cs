using Serve.Api.Problems;
using Serve.Inference.Detection;
using Serve.Inference.Pictures;

namespace Serve.Api.Detection;

/// <summary>A picture of a request and what was found on it.</summary>
/// <param name="FileName">The name the client gave it, or null.</param>
/// <param name="Width">Width in pixels of the picture as a person sees it; 0 when it was refused.</param>
/// <param name="Height">Height in pixels of the picture as a person sees it; 0 when it was refused.</param>
/// <param name="Detections">What was found, by falling score; empty when it was refused.</param>
/// <param name="Timings">Where the model's time went.</param>
/// <param name="DecodeMilliseconds">How long it took to decode.</param>
internal readonly record struct DetectedPicture(
    string? FileName, int Width, int Height, IReadOnlyList<DetectedObject> Detections, DetectionTimings Timings, double DecodeMilliseconds)
{
    private static readonly DetectionTimings NoTime = new(0, 0, 0, 0);

    /// <summary>Why it was refused, where the answer tells that picture by picture.</summary>
    public RequestRefusedException? Fault { get; init; }

    /// <summary>Its pixels, where the answer shows them.</summary>
    public Picture? Pixels { get; init; }

    /// <summary>A picture that was refused.</summary>
    public static DetectedPicture Refused(string? fileName, RequestRefusedException fault) => new(fileName, 0, 0, [], NoTime, 0) { Fault = fault };
}
