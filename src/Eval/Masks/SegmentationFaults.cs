using System.Globalization;
using System.Runtime.CompilerServices;

namespace Serve.Eval.Masks;

/// <summary>
/// What is wrong with a mask, said as the predicate of a sentence about it, or null when it can be drawn. The rules are those of the COCO API
/// (<c>annToRLE</c>), where it refuses, fails or goes on forever.
/// </summary>
/// <remarks>
/// Polygons: the reference takes the first one's length for what the list is. With four numbers it would be a box, which it then refuses;
/// with fewer it is nothing. Later polygons may be of any length; of less than three points nothing is drawn, and a lone last number is
/// left out. Run lengths: runs may end before the last pixel, and may have no pixels.
/// </remarks>
public static class SegmentationFaults
{
    private const int ShortestFirstPolygon = 5;

    /// <summary>What is wrong with a row of a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="row">The row.</param>
    /// <param name="imageHeight">Height of its image; polygons need it.</param>
    /// <param name="imageWidth">Width of its image.</param>
    public static string? Of(SegmentationTable table, int row, int imageHeight, int imageWidth)
    {
        ArgumentNullException.ThrowIfNull(table);
        switch (table.KindOf(row))
        {
            case SegmentationKind.None:
                return "is missing; a mask is polygons or run lengths";
            case SegmentationKind.Polygons:
                return OfPolygons(table.PolygonsOf(row)) ?? OfImageSize(imageHeight, imageWidth);
            default:
                var (height, width) = table.SizeOf(row);
                return OfText(table.TextOf(row), height, width);
        }
    }

    /// <summary>What is wrong with polygons.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static string? OfPolygons(PolygonList polygons)
    {
        if (polygons.Count == 0)
            return "is an empty list; it must hold at least one polygon";
        if (polygons.Lengths[0] < ShortestFirstPolygon)
            return $"starts with a polygon of {polygons.Lengths[0]} numbers; it must have at least 6, which are three points";
        foreach (var number in polygons.Numbers)
        {
            // Also true of what is not a number.
            if (!(Math.Abs(number) <= PolygonRasteriser.FarthestCoordinate))
                return string.Create(CultureInfo.InvariantCulture, $"has the coordinate {number}; it must be finite and at most {PolygonRasteriser.FarthestCoordinate} away from 0");
        }
        return null;
    }

    /// <summary>What is wrong with a box (COCO xywh, pixels), whose corners are drawn as a polygon.</summary>
    internal static string? OfBox(double x, double y, double width, double height, int imageHeight, int imageWidth)
        => OfPolygons(new([x, y, x + width, y + height, x, y], [6])) ?? OfImageSize(imageHeight, imageWidth);

    /// <summary>What is wrong with the text form of run lengths. Reads it; where it is read anyway, ask only when that fails.</summary>
    public static string? OfText(ReadOnlySpan<byte> text, int height, int width)
        => OfRunSize(height, width) ?? (new RunLengths().TryRead(text, height, width) ? null
            : $"does not hold the text form of run lengths that fit into its size, {height} x {width}: characters '0' to 'o', and no more pixels than that");

    /// <summary>What is wrong with the size of the image that a polygon is drawn on.</summary>
    public static string? OfImageSize(int height, int width)
        => height > 0 && width > 0 && RunLengths.IsSize(height, width) ? null
            : $"has to be drawn on an image of {height} x {width} pixels; the image needs a height and a width above 0 and at most {uint.MaxValue} pixels";

    private static string? OfRunSize(int height, int width)
        => RunLengths.IsSize(height, width) ? null
            : $"has the size {height} x {width}; no side may be negative, and at most {uint.MaxValue} pixels are allowed";
}
