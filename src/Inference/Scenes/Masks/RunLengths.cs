using Serve.Inference.Masks;

namespace Serve.Inference.Scenes.Masks;

/// <summary>COCO's uncompressed run-length encoding.</summary>
internal static class RunLengths
{
    /// <summary>Lengths of runs of absent and present pixels in turn, absent first, down the columns of the image from left to right.</summary>
    public static IReadOnlyList<int> Of(BitMask mask, int imageWidth, int imageHeight)
    {
        var counts = new List<int>();
        var counted = 0;
        for (var x = 0; x < mask.Width; x++)
        {
            for (var y = 0; y < mask.Height; y++)
            {
                if (!mask.At(x, y)) continue;
                var position = (mask.X + x) * imageHeight + mask.Y + y;
                if (counted == position && counts.Count > 0) counts[^1]++;
                else counts.AddRange([position - counted, 1]);
                counted = position + 1;
            }
        }

        var rest = imageWidth * imageHeight - counted;
        if (rest > 0) counts.Add(rest);
        return counts;
    }
}
