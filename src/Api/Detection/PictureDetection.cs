using Microsoft.Extensions.Options;
using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Api.Detection;

/// <summary>A decoded picture with what was found on it.</summary>
internal sealed record DetectedPicture(string? FileName, Picture Picture, DetectionResult Result, double DecodeMilliseconds);

/// <summary>Decodes a request's pictures and detects on them, a few at a time.</summary>
internal sealed class PictureDetection(IOptions<ServeOptions> options, TimeProvider time)
{
    /// <summary>Pictures of one request in memory at once: enough to fill a batch, few enough to bound decoded pixels.</summary>
    private const int PicturesAtOnce = 4;

    /// <summary>Detects on all pictures; the answer has their order.</summary>
    /// <exception cref="RequestRefusedException">A picture is refused: the message names the first of them.</exception>
    public async Task<IReadOnlyList<DetectedPicture>> DetectAsync(
        DetectionModel model, IReadOnlyList<UploadedPicture> uploads, DetectionOptions detection, CancellationToken ct)
    {
        var found = new DetectedPicture[uploads.Count];
        var refused = new RequestRefusedException?[uploads.Count];
        var firstRefused = uploads.Count;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = PicturesAtOnce, CancellationToken = ct };
        await Parallel.ForAsync(0, uploads.Count, parallel, async (i, token) =>
        {
            // A refused picture refuses the request: those after it need no work, those before it may still be named in its place.
            if (i > Volatile.Read(ref firstRefused))
                return;
            try
            {
                found[i] = await DetectAsync(model, uploads[i], detection, token);
            }
            catch (PictureException fault)
            {
                refused[i] = PictureProblem.Of(fault, i, uploads.Count, uploads[i].FileName);
                InterlockedMin(ref firstRefused, i);
            }
        });
        return Array.Find(refused, fault => fault is not null) is { } first ? throw first : found;
    }

    private async Task<DetectedPicture> DetectAsync(DetectionModel model, UploadedPicture upload, DetectionOptions detection, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        var picture = PictureDecoder.Decode(upload.Encoded, options.Value.PictureLimits);
        var decode = time.GetElapsedTime(start).TotalMilliseconds;
        var result = await model.DetectAsync(picture, detection, ct);
        return new DetectedPicture(upload.FileName, picture, result, decode);
    }

    private static void InterlockedMin(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value < seen;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
