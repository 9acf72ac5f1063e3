namespace Serve.Eval.Bench.Load;

/// <summary>An object of a made-up image.</summary>
/// <param name="Category">Index of its category; 0 is the person.</param>
/// <param name="IsCrowd">A crowd, whose mask is run lengths.</param>
/// <param name="Box">Box around the outline.</param>
/// <param name="Outline">One polygon: x, y, x, y, …, pixels.</param>
internal sealed record SyntheticObject(int Category, bool IsCrowd, Box Box, double[] Outline)
{
    /// <summary>Area of the outline, square pixels.</summary>
    public double Area
    {
        get
        {
            double twice = 0;
            for (var i = 0; i < Outline.Length; i += 2)
            {
                var next = (i + 2) % Outline.Length;
                twice += (Outline[i] * Outline[next + 1]) - (Outline[next] * Outline[i + 1]);
            }
            return Math.Round(Math.Abs(twice) / 2, 4);
        }
    }
}

/// <summary>A made-up image of the proportions of COCO val2017: 7.3 objects, one in a hundred a crowd, four in ten small, a third of them people.</summary>
internal sealed class SyntheticImage
{
    private static readonly (int Width, int Height)[] Sizes = [(640, 480), (640, 480), (480, 640), (640, 427), (640, 427), (500, 375)];

    private readonly int[] themes;

    /// <summary>Makes an image; the same seed and number give the same image.</summary>
    public SyntheticImage(int seed, int number, int categories)
    {
        var random = new Random(HashOf(seed, number));
        Id = number;
        (Width, Height) = Sizes[random.Next(Sizes.Length)];
        // What an image shows is of few categories, and detectors confuse these first.
        themes = [.. Enumerable.Range(0, 5).Select(_ => random.Next(3) == 0 ? 0 : random.Next(categories))];
        var objects = new SyntheticObject[random.Next(0, 16)];
        for (var i = 0; i < objects.Length; i++)
            objects[i] = NewObject(random, CategoryIn(random, 0.8, categories));
        Objects = objects;
    }

    public int Id { get; }

    public int Width { get; }

    public int Height { get; }

    public IReadOnlyList<SyntheticObject> Objects { get; }

    /// <summary>A seed of one image's own, so that an image does not depend on those before it.</summary>
    public static int HashOf(int seed, int number)
    {
        var mixed = ((ulong)(uint)seed << 32 | (uint)number) * 0x9E3779B97F4A7C15;
        return (int)(mixed >> 33);
    }

    /// <summary>A number whose logarithm is spread evenly.</summary>
    public static double LogUniform(Random random, double low, double high) => low * Math.Pow(high / low, random.NextDouble());

    /// <summary>A category: with some likelihood one that the image is about, else any.</summary>
    public int CategoryIn(Random random, double likelihood, int categories)
        => random.NextDouble() < likelihood ? themes[random.Next(themes.Length)] : random.Next(categories);

    private SyntheticObject NewObject(Random random, int category)
    {
        var kind = random.NextDouble();
        var (low, high) = kind < 0.41 ? (7, 32) : kind < 0.755 ? (32, 96) : (96, 420);
        var side = LogUniform(random, low, high) * 1.18;
        var aspect = LogUniform(random, 0.5, 2);
        var (width, height) = (Math.Min(side * aspect, Width * 0.98), Math.Min(side / aspect, Height * 0.98));
        var (x, y) = (random.NextDouble() * (Width - width), random.NextDouble() * (Height - height));
        var points = Math.Clamp((int)(8 + (side * 0.25)), 6, 60);
        var outline = new double[2 * points];
        for (var i = 0; i < points; i++)
        {
            var angle = 2 * Math.PI * (i + (0.8 * random.NextDouble())) / points;
            var reach = 0.5 - (0.1 * random.NextDouble());
            outline[2 * i] = Math.Round(x + (width * (0.5 + (reach * Math.Cos(angle)))), 2);
            outline[(2 * i) + 1] = Math.Round(y + (height * (0.5 + (reach * Math.Sin(angle)))), 2);
        }
        return new(category, random.Next(83) == 0, BoxAround(outline), outline);
    }

    private static Box BoxAround(double[] outline)
    {
        var (left, top, right, bottom) = (double.MaxValue, double.MaxValue, 0.0, 0.0);
        for (var i = 0; i < outline.Length; i += 2)
        {
            (left, right) = (Math.Min(left, outline[i]), Math.Max(right, outline[i]));
            (top, bottom) = (Math.Min(top, outline[i + 1]), Math.Max(bottom, outline[i + 1]));
        }
        return new(left, top, Math.Round(right - left, 2), Math.Round(bottom - top, 2));
    }
}
