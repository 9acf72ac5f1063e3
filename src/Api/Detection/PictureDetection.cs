using Microsoft.Extensions.Options;
using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Api.Telemetry;
using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Api.Detection;

/// <summary>Decodes a request's pictures and detects on them, a few at a time.</summary>
internal sealed class PictureDetection(IOptions<ServeOptions> options, DecodeGate gate, DetectMetrics metrics, TimeProvider time)
{
    /// <summary>Pictures of one request in memory at once: enough to fill a batch, few enough to bound decoded pixels.</summary>
    private const int PicturesAtOnce = 4;

    private readonly PictureLimits _limits = options.Value.PictureLimits;

    /// <summary>Detects on all pictures; the answer has their order.</summary>
    /// <param name="model">The model.</param>
    /// <param name="uploads">The pictures.</param>
    /// <param name="query">What is asked for.</param>
    /// <param name="keepPixels">Whether the answer shows the pictures.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="RequestRefusedException">A picture is refused, and the answer is not partial: the message names the first of them.</exception>
    public async Task<DetectedPicture[]> DetectAsync(DetectionModel model, UploadedPictures uploads, DetectQuery query, bool keepPixels, CancellationToken ct)
    {
        var wanted = query.Wanted(model.Passport.Categories);
        if (uploads.Count == 1)
            return [await DetectAsync(model, uploads, 0, query, wanted, keepPixels, ct) is var only && (only.Fault is null || query.Partial) ? only : throw only.Fault];

        var found = new DetectedPicture[uploads.Count];
        var firstRefused = uploads.Count;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = PicturesAtOnce, CancellationToken = ct };
        await Parallel.ForAsync(0, uploads.Count, parallel, async (i, token) =>
        {
            // A refused picture refuses the request: those after it need no work, those before it may still be named in its place.
            if (i > Volatile.Read(ref firstRefused))
                return;
            found[i] = await DetectAsync(model, uploads, i, query, wanted, keepPixels, token);
            if (found[i].Fault is not null && !query.Partial)
                InterlockedMin(ref firstRefused, i);
        });
        return firstRefused < uploads.Count ? throw found[firstRefused].Fault! : found;
    }

    private async Task<DetectedPicture> DetectAsync(
        DetectionModel model, UploadedPictures uploads, int index, DetectQuery query, IReadOnlySet<string>? wanted, bool keepPixels, CancellationToken ct)
    {
        var upload = uploads[index];
        if (upload.Fault is { } missing)
            return DetectedPicture.Refused(upload.FileName, missing);
        try
        {
            return await DetectAsync(model, upload, query, wanted, keepPixels, ct);
        }
        catch (PictureException fault)
        {
            return DetectedPicture.Refused(upload.FileName, PictureProblem.Of(fault, index, uploads.Count, upload.FileName));
        }
        catch (ModelOutputException fault) when (query.Partial)
        {
            return DetectedPicture.Refused(upload.FileName, ModelProblem.Of(fault));
        }
    }

    private async Task<DetectedPicture> DetectAsync(
        DetectionModel model, UploadedPicture upload, DetectQuery query, IReadOnlySet<string>? wanted, bool keepPixels, CancellationToken ct)
    {
        RentedPicture? rented = null;
        Picture picture;
        double decode;
        Task<DetectionResult> detecting;
        var begun = DateTimeOffset.UtcNow;
        using var admission = await model.AdmitAsync(query.Options, ct);
        await gate.EnterAsync(ct);
        try
        {
            var start = time.GetTimestamp();
            if (keepPixels)
                picture = PictureDecoder.Decode(upload.Encoded, _limits, new PictureUse(model.Passport.Input.ColourManaged));
            else
                picture = (rented = PictureDecoder.Rent(upload.Encoded, _limits, PictureUse.For(model.Passport.Input))).Picture;
            decode = time.GetElapsedTime(start).TotalMilliseconds;
            // The picture is scaled into the model's input before the call comes back: that is part of the turn, and ends the need for its pixels.
            detecting = model.DetectAsync(picture, query.Options, admission, ct);
        }
        finally
        {
            gate.Leave();
            rented?.Dispose();
        }
        var result = await detecting;
        metrics.Decoded(model.Passport, decode);
        StageSpans.Add(begun, decode, result.Timings);
        return new DetectedPicture(upload.FileName, picture.OriginalWidth, picture.OriginalHeight, Chosen(result.Detections, query, wanted), result.Timings, decode)
        {
            Pixels = keepPixels ? picture : null,
        };
    }

    private static IReadOnlyList<DetectedObject> Chosen(IReadOnlyList<DetectedObject> detections, DetectQuery query, IReadOnlySet<string>? wanted)
        => wanted is null ? detections : [.. detections.Where(found => wanted.Contains(found.Category.Name)).Take(query.MaxDetections)];

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
