using System.Text.Json.Serialization;

namespace Serve.Api.Detection;

/// <summary>Pictures to detect on, as JSON.</summary>
/// <param name="Images">The pictures, one or more.</param>
public sealed record DetectRequest([property: JsonRequired] IReadOnlyList<EncodedImage> Images);

/// <summary>One picture in a JSON request.</summary>
/// <param name="Base64">The picture file's bytes in base64; a <c>data:</c> URL is read too.</param>
/// <param name="FileName">A name to find it again in the answer and in errors.</param>
public sealed record EncodedImage([property: JsonRequired] string Base64, string? FileName = null);

/// <summary>What was found on the pictures of one request.</summary>
/// <param name="Model">Name of the model that answered.</param>
/// <param name="Version">Its version.</param>
/// <param name="Images">One entry a picture, in the request's order.</param>
/// <param name="Timings">Where the time went.</param>
public sealed record DetectResponse(string Model, int Version, IReadOnlyList<DetectedImage> Images, DetectTimings Timings);

/// <summary>The detections on one picture.</summary>
/// <param name="FileName">Its file name, where the request gave one.</param>
/// <param name="Width">Width in pixels of the picture as a person sees it (after EXIF rotation).</param>
/// <param name="Height">Height in pixels of the picture as a person sees it.</param>
/// <param name="Detections">Detections by falling score.</param>
public sealed record DetectedImage(string? FileName, int Width, int Height, IReadOnlyList<DetectionDocument> Detections);

/// <summary>One detected object.</summary>
/// <param name="Category">Name of its category.</param>
/// <param name="CategoryId">Id of its category in the model's passport.</param>
/// <param name="Score">Confidence, 0..1.</param>
/// <param name="Box">Where it is.</param>
public sealed record DetectionDocument(string Category, long CategoryId, float Score, BoxDocument Box);

/// <summary>A box: corners in continuous pixels of the picture as a person sees it.</summary>
/// <param name="X1">Left edge.</param>
/// <param name="Y1">Top edge.</param>
/// <param name="X2">Right edge.</param>
/// <param name="Y2">Bottom edge.</param>
public sealed record BoxDocument(double X1, double Y1, double X2, double Y2);

/// <summary>Where the time of a request went, in milliseconds; the stages are summed over its pictures, which overlap.</summary>
/// <param name="Decode">Decoding the picture files.</param>
/// <param name="Queue">Waiting for the model.</param>
/// <param name="Preprocess">Scaling into the input tensor.</param>
/// <param name="Infer">Running the model.</param>
/// <param name="Postprocess">Turning outputs into detections.</param>
/// <param name="Total">The whole request from the first byte read to the answer, by the clock.</param>
public sealed record DetectTimings(double Decode, double Queue, double Preprocess, double Infer, double Postprocess, double Total);
