using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Inference.Evaluation;

/// <summary>Times a model on single pictures: each is decoded, prepared, run and read out before the next one begins, as a lone client would see it but for the network.</summary>
public static class SingleStreamLatency
{
    private const int WarmUps = 5;
    private const int Fewest = 10;

    /// <summary>Times up to so many pictures, spread evenly over a split, after some that are not timed.</summary>
    /// <param name="model">The model, as it is served.</param>
    /// <param name="folder">The dataset's folder.</param>
    /// <param name="dataset">The split; at least one image.</param>
    /// <param name="most">Most pictures.</param>
    /// <param name="longest">After which no more than ten are timed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>Milliseconds of each picture, in their order.</returns>
    /// <exception cref="InvalidInputException">A picture is missing or broken.</exception>
    public static async Task<IReadOnlyList<double>> MeasureAsync(
        DetectionModel model, DatasetFolder folder, Dataset dataset, int most, TimeSpan longest, TimeProvider time, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfZero(dataset.Images.Count, nameof(dataset));
        var count = Math.Min(most, dataset.Images.Count);
        for (var i = 0; i < WarmUps; i++)
            await DetectAsync(await ReadAsync(ImageAt(i % count)));
        var (began, milliseconds) = (time.GetTimestamp(), new List<double>(count));
        for (var i = 0; i < count && (i < Fewest || time.GetElapsedTime(began) < longest); i++)
        {
            var encoded = await ReadAsync(ImageAt(i));
            var start = time.GetTimestamp();
            await DetectAsync(encoded);
            milliseconds.Add(time.GetElapsedTime(start).TotalMilliseconds);
        }
        return milliseconds;

        ImageEntry ImageAt(int place) => dataset.Images[(int)((long)place * dataset.Images.Count / count)];

        // Read before the time runs: a client's picture is there when its request is.
        async Task<byte[]> ReadAsync(ImageEntry image)
        {
            try
            {
                return await File.ReadAllBytesAsync(folder.ImagePath(image), ct);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw new InvalidInputException($"Dataset '{folder.Name}', image {image.Id} ({image.FileName}): the picture file cannot be read ({fault.GetType().Name}).", fault);
            }
        }

        async Task DetectAsync(byte[] encoded)
        {
            var options = new DetectionOptions();
            using var admission = await model.AdmitAsync(options, ct);
            Task<DetectionResult> detecting;
            using (var picture = PictureDecoder.Rent(encoded, DatasetDetection.Limits, PictureUse.For(model.Passport.Input)))
                detecting = model.DetectAsync(picture.Picture, options, admission, ct);
            await detecting;
        }
    }
}
