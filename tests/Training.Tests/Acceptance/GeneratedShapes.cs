using System.Globalization;
using System.Text;
using Serve.Eval.Datasets;
using Serve.Inference.Pictures;

namespace Serve.Training.Tests.Acceptance;

/// <summary>Pictures of 128 x 128 with three to six squares, discs and triangles of any colour on noise: what a shape is can be seen from its outline alone.</summary>
internal static class GeneratedShapes
{
    private const int Side = 128;
    private static readonly string[] Names = ["square", "disc", "triangle"];

    /// <summary>Writes the splits <c>train</c> and <c>val</c>.</summary>
    public static DatasetFolder Write(string folder, int training, int validation, int seed)
    {
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        Directory.CreateDirectory(Path.Combine(folder, "annotations"));
        var random = new Random(seed);
        foreach (var (split, count) in new[] { ("train", training), ("val", validation) })
        {
            var (images, objects) = (new List<string>(), new List<string>());
            for (var image = 1; image <= count; image++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{split}-{image:000}.png");
                var pixels = new byte[Side * Side * 3];
                random.NextBytes(pixels);
                foreach (var (shape, x, y, size) in Place(random))
                {
                    Draw(pixels, shape, x, y, size, [Colour(random), Colour(random), Colour(random)]);
                    objects.Add($$"""{"id":{{objects.Count + 1}},"image_id":{{image}},"category_id":{{shape + 1}},"bbox":[{{x}},{{y}},{{size}},{{size}}],"area":{{size * size}},"iscrowd":0}""");
                }

                File.WriteAllBytes(Path.Combine(folder, "images", name), PictureEncoder.Encode(new(Side, Side, pixels), "image/png"));
                images.Add($$"""{"id":{{image}},"file_name":"{{name}}","width":{{Side}},"height":{{Side}}}""");
            }

            var categories = string.Join(",", Names.Select((name, i) => $$"""{"id":{{i + 1}},"name":"{{name}}"}"""));
            File.WriteAllText(
                Path.Combine(folder, "annotations", $"instances_{split}.json"),
                $$"""{"images":[{{string.Join(",", images)}}],"annotations":[{{string.Join(",", objects)}}],"categories":[{{categories}}]}""", Encoding.UTF8);
        }

        return DatasetFolder.Open(folder);
    }

    // Dark or light, so that it stands out from the noise.
    private static byte Colour(Random random) => (byte)(random.Next(2) == 0 ? random.Next(60) : random.Next(196, 256));

    // Where one would touch another, another place is tried.
    private static List<(int Shape, int X, int Y, int Size)> Place(Random random)
    {
        var (wanted, placed) = (random.Next(3, 7), new List<(int Shape, int X, int Y, int Size)>());
        while (placed.Count < wanted)
        {
            var size = random.Next(16, 41);
            var (x, y) = (random.Next(Side - size + 1), random.Next(Side - size + 1));
            if (placed.All(other => x >= other.X + other.Size || other.X >= x + size || y >= other.Y + other.Size || other.Y >= y + size))
                placed.Add((random.Next(Names.Length), x, y, size));
        }

        return placed;
    }

    private static void Draw(byte[] pixels, int shape, int x, int y, int size, byte[] colour)
    {
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                var (u, v) = ((column + 0.5) / size * 2 - 1, (row + 0.5) / size * 2 - 1);   // -1..1 over the box
                if (shape == 0 || (shape == 1 && u * u + v * v <= 1) || (shape == 2 && Math.Abs(u) <= (v + 1) / 2))
                    colour.CopyTo(pixels, ((y + row) * Side + x + column) * 3);
            }
        }
    }
}
