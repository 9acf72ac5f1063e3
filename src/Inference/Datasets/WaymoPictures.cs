using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Formats;

namespace Serve.Inference.Datasets;

/// <summary>Pictures that lie inside Parquet files.</summary>
/// <param name="places">Segment and row of each image, by image id.</param>
internal sealed class WaymoPictures(IReadOnlyDictionary<long, (WaymoSegment Segment, WaymoPicture Picture)> places) : SplitPictures
{
    private (WaymoSegment Segment, int Group) _held;
    private byte[][]? _encoded;

    /// <inheritdoc/>
    public override bool AreFiles => false;

    /// <inheritdoc/>
    public override string LookedIn => "camera_image";

    /// <inheritdoc/>
    public override string? PathOf(ImageEntry image) => null;

    /// <inheritdoc/>
    public override async Task CopyAsync(ImageEntry image, string target, CancellationToken ct)
    {
        var (segment, picture) = places.TryGetValue(image.Id, out var place)
            ? place
            : throw new InvalidInputException($"image {image.Id}: no segment has its picture.");
        // Images come one after another in the order of their files, so a row group is read once.
        if (_encoded is null || _held != (segment, picture.Group))
            (_encoded, _held) = (await segment.EncodedAsync(picture.Group, ct), (segment, picture.Group));
        await File.WriteAllBytesAsync(target, _encoded[picture.Row], ct);
    }
}
