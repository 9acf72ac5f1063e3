using System.Globalization;
using System.Text;
using Serve.Eval.Datasets;
using Serve.Inference.Pictures;

namespace Serve.Training.Runs;

/// <summary>A dataset folder with pictures of bright and dark rectangles on grey, written for one test.</summary>
internal static class GeneratedRectangles
{
    private const int Side = 96;
    private static readonly byte[][] Colours = [[230, 60, 40], [40, 80, 220]];

    /// <summary>Writes the splits <c>train</c> and <c>val</c>, which hold the same pictures.</summary>
    public static DatasetFolder Write(string folder, int images, int seed)
    {
        var random = new Random(seed);
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        Directory.CreateDirectory(Path.Combine(folder, "annotations"));
        var (imageRows, objectRows) = (new List<string>(), new List<string>());
        for (var image = 1; image <= images; image++)
        {
            var pixels = new byte[Side * Side * 3];
            Array.Fill(pixels, (byte)128);
            // One object in each half, so that none hides another.
            for (var half = 0; half < 2; half++)
            {
                var category = random.Next(2);
                var (width, height) = (random.Next(16, 40), random.Next(24, 64));
                var (x, y) = (half * 48 + random.Next(0, 48 - width), random.Next(0, Side - height));
                for (var row = y; row < y + height; row++)
                {
                    for (var column = x; column < x + width; column++)
                        Colours[category].CopyTo(pixels, (row * Side + column) * 3);
                }

                objectRows.Add($$"""{"id":{{objectRows.Count + 1}},"image_id":{{image}},"category_id":{{category + 5}},"bbox":[{{x}},{{y}},{{width}},{{height}}],"area":{{width * height}},"iscrowd":0,"segmentation":[[{{x}},{{y}},{{x + width}},{{y}},{{x + width}},{{y + height}},{{x}},{{y + height}}]]}""");
            }

            var name = image.ToString("00", CultureInfo.InvariantCulture) + ".png";
            File.WriteAllBytes(Path.Combine(folder, "images", name), PictureEncoder.Encode(new(Side, Side, pixels), "image/png"));
            imageRows.Add($$"""{"id":{{image}},"file_name":"{{name}}","width":{{Side}},"height":{{Side}}}""");
        }

        var json = $$"""
            {"images":[{{string.Join(",", imageRows)}}],
             "annotations":[{{string.Join(",", objectRows)}}],
             "categories":[{"id":5,"name":"red"},{"id":6,"name":"blue"}]}
            """;
        foreach (var split in new[] { "train", "val" })
            File.WriteAllText(Path.Combine(folder, "annotations", $"instances_{split}.json"), json, Encoding.UTF8);
        return DatasetFolder.Open(folder);
    }
}
