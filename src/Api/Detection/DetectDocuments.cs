using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serve.Api.Detection;

/// <summary>Pictures to detect on, as JSON.</summary>
/// <param name="Images">The pictures, one or more.</param>
public sealed record DetectRequest([property: JsonRequired] IReadOnlyList<EncodedImage> Images);

/// <summary>One picture in a JSON request.</summary>
/// <param name="Base64">The picture file's bytes in base64; a <c>data:</c> URL is read too. Either this or <c>url</c>.</param>
/// <param name="Url">The http(s) address of a picture file, where the server's operator allows its host. Either this or <c>base64</c>.</param>
/// <param name="FileName">A name to find it again in the answer and in errors.</param>
public sealed record EncodedImage(string? Base64 = null, string? Url = null, string? FileName = null);

/// <summary>What was found on the pictures of one request.</summary>
/// <param name="Model">Name of the model that answered.</param>
/// <param name="Version">Its version.</param>
/// <param name="Device">The device that ran it: <c>cpu</c>, <c>cuda:0</c>.</param>
/// <param name="Images">One entry a picture, in the request's order.</param>
/// <param name="Timings">Where the time went.</param>
public sealed record DetectResponse(string Model, int Version, string Device, IReadOnlyList<DetectedImage> Images, DetectTimings Timings);

/// <summary>The detections on one picture.</summary>
/// <param name="FileName">Its file name, where the request gave one.</param>
/// <param name="Width">Width in pixels of the picture as a person sees it (after EXIF rotation).</param>
/// <param name="Height">Height in pixels of the picture as a person sees it.</param>
/// <param name="Detections">Detections by falling score.</param>
/// <param name="Error">With <c>partial=true</c>: why this picture was refused; width and height are then 0.</param>
public sealed record DetectedImage(
    string? FileName, int Width, int Height, IReadOnlyList<DetectionDocument> Detections,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImageError? Error = null);

/// <summary>Why one picture of several was refused.</summary>
/// <param name="Status">The status that the request would have had for it alone.</param>
/// <param name="Detail">The cause.</param>
public sealed record ImageError(int Status, string Detail);

/// <summary>One detected object.</summary>
/// <param name="Category">Name of its category.</param>
/// <param name="CategoryId">Id of its category in the model's passport.</param>
/// <param name="Score">Confidence, 0..1.</param>
/// <param name="Box">Where it is.</param>
/// <param name="Mask">Its mask, where the model gives one, in COCO's form: run lengths <c>{"size":[height,width],"counts":"…"}</c>, or with <c>masks=polygons</c> a list of <c>[x1,y1,x2,y2,…]</c>.</param>
/// <param name="Keypoints">Its keypoints, where the model gives them.</param>
public sealed record DetectionDocument(
    string Category, long CategoryId, float Score, BoxDocument Box,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Mask = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<KeypointDocument>? Keypoints = null);

/// <summary>A keypoint, in continuous pixels of the picture as a person sees it.</summary>
/// <param name="X">From the left edge.</param>
/// <param name="Y">From the top edge.</param>
/// <param name="Score">Confidence, 0..1; absent where the model gives none.</param>
public sealed record KeypointDocument(double X, double Y, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] float? Score = null);

/// <summary>One entry of an answer with <c>format=coco</c>, as COCO's result files have it.</summary>
/// <param name="ImageId">The number in the file name, or the place of the picture in the request, from 1.</param>
/// <param name="CategoryId">Id of its category in the model's passport.</param>
/// <param name="Bbox">Left, top, width and height in pixels.</param>
/// <param name="Score">Confidence, 0..1.</param>
/// <param name="Segmentation">Its mask, as <c>mask</c> of the other form.</param>
/// <param name="Keypoints">x, y and score of each keypoint; the score is 1 where the model gives none.</param>
public sealed record CocoResultDocument(
    [property: JsonPropertyName("image_id")] long ImageId, [property: JsonPropertyName("category_id")] long CategoryId, IReadOnlyList<double> Bbox, float Score,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Segmentation = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<double>? Keypoints = null);

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
