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

    /// <summary>Appends the text form: five bits a character, lowest first, offset 48; from the fourth run on the difference to the run two places back.</summary>
    public static void AddText(JsonFile file, List<long> runs)
    {
        Span<byte> text = stackalloc byte[16];
        for (var i = 0; i < runs.Count; i++)
        {
            var rest = i > 2 ? runs[i] - runs[i - 2] : runs[i];
            var length = 0;
            bool more;
            do
            {
                var bits = rest & 0x1F;
                rest >>= 5;
                more = (bits & 0x10) != 0 ? rest != -1 : rest != 0;
                text[length++] = (byte)(48 + bits + (more ? 0x20 : 0));
            }
            while (more);
            // The only character of the form that JSON escapes.
            foreach (var character in text[..length])
                file.Add(character == '\\' ? "\\\\"u8 : [character]);
        }
    }
}
