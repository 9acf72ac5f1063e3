namespace Serve.Eval.Bench.Load;

/// <summary>A made-up detection.</summary>
internal readonly record struct SyntheticDetection(int Category, Box Box, double Score);

/// <summary>Detections of a made-up image as a middling detector gives them: most objects found, some repeated or confused, the rest of the limit noise.</summary>
internal static class SyntheticDetections
{
    /// <summary>Exactly <paramref name="count"/> detections of an image, best first.</summary>
    public static List<SyntheticDetection> Of(SyntheticImage image, int seed, int categories, int count)
    {
        var random = new Random(SyntheticImage.HashOf(seed, image.Id));
        var found = new List<SyntheticDetection>(count + 60);
        foreach (var seen in image.Objects)
        {
            if (random.NextDouble() > (seen.Area < 1024 ? 0.72 : 0.93))
                continue;
            var spread = 0.02 + (0.12 * random.NextDouble());
            found.Add(Near(random, image, seen, spread, (1 - (4 * spread)) * (0.4 + (0.6 * random.NextDouble())), confused: 0.07, categories));
            for (var repeats = random.Next(4); repeats > 0; repeats--)
                found.Add(Near(random, image, seen, 0.2, 0.5 * random.NextDouble(), confused: 0.4, categories));
        }
        while (found.Count < count)
            found.Add(Noise(random, image, categories));
        found.Sort((a, b) => b.Score.CompareTo(a.Score));
        return found.Count == count ? found : found.GetRange(0, count);
    }

    private static SyntheticDetection Near(Random random, SyntheticImage image, SyntheticObject seen, double spread, double score, double confused, int categories)
    {
        double Shift() => spread * ((2 * random.NextDouble()) - 1);
        var box = seen.Box;
        box = new(box.X + (Shift() * box.Width), box.Y + (Shift() * box.Height), box.Width * (1 + Shift()), box.Height * (1 + Shift()));
        return new(random.NextDouble() < confused ? random.Next(categories) : seen.Category, box.Detected(image.Width, image.Height), (float)Math.Max(0.001, score));
    }

    private static SyntheticDetection Noise(Random random, SyntheticImage image, int categories)
    {
        var (width, height) = (Math.Min(SyntheticImage.LogUniform(random, 10, 320), image.Width * 0.95), Math.Min(SyntheticImage.LogUniform(random, 10, 320), image.Height * 0.95));
        var box = new Box(random.NextDouble() * (image.Width - width), random.NextDouble() * (image.Height - height), width, height);
        // Scores of background fall off fast.
        return new(image.CategoryIn(random, 0.6, categories), box.Detected(image.Width, image.Height), (float)(0.003 - (0.055 * Math.Log(1 - (0.9999 * random.NextDouble())))));
    }
}
