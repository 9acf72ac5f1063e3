using System.Text.Json;
using System.Text.Json.Serialization;
using Serve.Inference.Detection;
using Serve.Inference.Pictures;

namespace Serve.Cli.Detect;

/// <summary>What <c>detect --json</c> writes: the shape that <c>POST /v1/detect</c> answers.</summary>
internal sealed record DetectFile(string Model, int Version, IReadOnlyList<ImageDetections> Images, StageTimes Timings);

/// <summary>Milliseconds per stage, summed over the pictures.</summary>
internal sealed record StageTimes(double Decode, double Queue, double Preprocess, double Infer, double Postprocess, double Total)
{
    public static StageTimes None { get; } = new(0, 0, 0, 0, 0, 0);

    public StageTimes Plus(double decode, DetectionTimings picture, double total) => new(
        Decode + decode,
        Queue + picture.Queue,
        Preprocess + picture.Preprocess,
        Infer + picture.Infer,
        Postprocess + picture.Postprocess,
        Total + total);
}

/// <summary>The detections of one picture, by falling score; size and boxes in pixels of the upright picture.</summary>
internal sealed record ImageDetections(string FileName, int Width, int Height, IReadOnlyList<DetectionRow> Detections)
{
    public static ImageDetections From(string fileName, Picture picture, DetectionResult result) => new(
        fileName,
        picture.Width,
        picture.Height,
        [.. result.Detections.Select(detection => new DetectionRow(
            detection.Category.Name,
            detection.Category.Id,
            detection.Score,
            new Corners(detection.Box.X1, detection.Box.Y1, detection.Box.X2, detection.Box.Y2)))]);
}

/// <summary>One detection.</summary>
internal sealed record DetectionRow(string Category, long CategoryId, float Score, Corners Box);

/// <summary>Corners of a box.</summary>
internal sealed record Corners(double X1, double Y1, double X2, double Y2);

/// <summary>Writes <see cref="DetectFile"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DetectFile))]
internal sealed partial class DetectJson : JsonSerializerContext
{
    public static string Write(DetectFile file) => JsonSerializer.Serialize(file, Default.DetectFile);
}
