namespace Serve.Inference.Pictures;

/// <summary>A picture at its own size.</summary>
internal sealed class WholeRows(Picture picture) : ScaledRows
{
    /// <inheritdoc/>
    public override void Read(int y, Span<uint> pixels)
    {
        var stride = picture.Width * Picture.Channels;
        PixelRow.Widen(picture.Bytes.Slice(y * stride, stride), pixels);
    }
}
