using Serve.Eval.Masks;

namespace Serve.Eval.Bench.Load;

/// <summary>The mask of the ellipse in a box, as COCO's run lengths: column by column, the first run outside.</summary>
internal static class EllipseMask
{
    /// <summary>Run lengths of the mask.</summary>
    public static List<long> Runs(Box box, int imageWidth, int imageHeight)
    {
        var runs = new List<long>();
        var (radiusX, radiusY) = (box.Width / 2, box.Height / 2);
        long end = 0;
        for (var column = Math.Max(0, (int)box.X); column < Math.Min(imageWidth, box.X + box.Width); column++)
        {
            var across = (column + 0.5 - box.X - radiusX) / radiusX;
            var half = radiusY * Math.Sqrt(Math.Max(0, 1 - (across * across)));
            var top = (long)Math.Clamp(Math.Ceiling(box.Y + radiusY - half - 0.5), 0, imageHeight);
            var bottom = (long)Math.Clamp(Math.Ceiling(box.Y + radiusY + half - 0.5), 0, imageHeight);
            if (bottom <= top)
                continue;
            var start = ((long)column * imageHeight) + top;
            if (start == end && runs.Count > 0)
            {
                runs[^1] += bottom - top;
            }
            else
            {
                runs.Add(start - end);
                runs.Add(bottom - top);
            }
            end = start + bottom - top;
        }
        var total = (long)imageWidth * imageHeight;
        if (end < total || runs.Count == 0)
            runs.Add(total - end);
        return runs;
    }

    /// <summary>Appends their text form.</summary>
    public static void AddText(JsonFile file, List<long> runs)
    {
        uint[] counts = [.. runs.Select(run => (uint)run)];
        var text = new byte[RunText.LongestText(counts.Length)];
        // The only character of the form that JSON escapes.
        foreach (var character in text.AsSpan(0, RunText.Write(counts, text)))
            file.Add(character == '\\' ? "\\\\"u8 : [character]);
    }
}
