using Serve.Inference.Models;

namespace Serve.Inference.Pictures;

/// <summary>A picture at another size, row by row, made when asked for. Rows are asked for in rising order. Dispose to give buffers back.</summary>
/// <remarks>A pixel is 32 bits: red, green and blue from the lowest byte on; the highest byte may hold anything.</remarks>
internal abstract class ScaledRows : IDisposable
{
    /// <summary>A picture at the given size.</summary>
    /// <param name="picture">The picture; it has to live as long.</param>
    /// <param name="width">Width of a row in pixels.</param>
    /// <param name="height">Number of rows.</param>
    /// <param name="filter">Which pixels a resized pixel is made of.</param>
    public static ScaledRows Of(Picture picture, int width, int height, ResizeFilter filter)
    {
        if (picture.Width == width && picture.Height == height)
            return new WholeRows(picture);

        var shrinks = picture.Width >= width && picture.Height >= height;
        return filter switch
        {
            ResizeFilter.Nearest => new NearestRows(picture, width, height),
            ResizeFilter.Bilinear => new BilinearRows(picture, width, height, isArea: false),
            ResizeFilter.PillowBilinear or ResizeFilter.PillowBicubic => new PillowRows(picture, width, height, filter),
            ResizeFilter.Area when !shrinks => new BilinearRows(picture, width, height, isArea: true),
            _ => new WeightedRows(picture, width, height, filter),
        };
    }

    /// <summary>Makes one row.</summary>
    /// <param name="y">Its number, from the top.</param>
    /// <param name="pixels">One for each pixel; filled completely.</param>
    public abstract void Read(int y, Span<uint> pixels);

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives buffers back.</summary>
    protected virtual void Release()
    {
    }
}
