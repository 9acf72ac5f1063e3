using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Serve.Serving.Bench;

/// <summary>A dataset without pictures, and detections on it that are worse from one submission to the next.</summary>
/// <param name="images">Images of the dataset.</param>
internal sealed class MadeBenchmark(int images)
{
    private const int Width = 640;
    private const int Height = 480;
    private const int MostObjects = 12;

    private static readonly string[] Categories = ["circle", "square", "triangle"];

    private readonly MadeObject[] _objects = [.. ObjectsOf(images)];

    /// <summary>Objects of all images.</summary>
    public int Objects => _objects.Length;

    /// <summary>The dataset as an archive that the server takes.</summary>
    public byte[] Archive()
    {
        var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = archive.CreateEntry("annotations/instances_test.json", CompressionLevel.Fastest).Open())
            WriteAnnotations(entry);
        return bytes.ToArray();
    }

    /// <summary>A results file, compressed: most objects, shifted by a few pixels, and some that are none.</summary>
    /// <param name="number">Number of the submission, from 0.</param>
    /// <param name="error">How far off it is, 0..1: 0 finds 95 of 100 objects to about a pixel, 1 finds 55 of 100 to about eight.</param>
    public byte[] Detections(int number, double error)
    {
        var random = new Random(1000 + number);
        var bytes = new MemoryStream();
        using (var compressed = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var text = new StreamWriter(compressed, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 1 << 16))
        {
            var separator = '[';
            foreach (var item in _objects)
            {
                if (random.NextDouble() < 0.95 - (0.4 * error))
                    Write(item.Image, item.Category, 0.4 + (0.6 * random.NextDouble()), item.X + Shift(), item.Y + Shift(), Math.Max(1, item.Width + Shift()), Math.Max(1, item.Height + Shift()));
                if (random.NextDouble() < 0.15)
                    Write(item.Image, 1 + random.Next(Categories.Length), 0.7 * random.NextDouble(), random.Next(Width - 60), random.Next(Height - 60), 20 + random.Next(40), 20 + random.Next(40));
            }
            text.Write(separator == '[' ? "[]" : "]");

            void Write(int image, int category, double score, double x, double y, double width, double height)
            {
                text.Write(string.Create(CultureInfo.InvariantCulture,
                    $"{separator}{{\"image_id\":{image},\"category_id\":{category},\"bbox\":[{x:0.00},{y:0.00},{width:0.00},{height:0.00}],\"score\":{score:0.0000}}}"));
                separator = ',';
            }

            // About a Gaussian, of standard deviation 0.58: the sum of four even ones.
            double Shift() => (1 + (7 * error)) * (random.NextDouble() + random.NextDouble() + random.NextDouble() + random.NextDouble() - 2);
        }
        return bytes.ToArray();
    }

    private void WriteAnnotations(Stream output)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteStartArray("images");
        for (var image = 1; image <= images; image++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", image);
            json.WriteString("file_name", $"{image:000000}.jpg");
            json.WriteNumber("width", Width);
            json.WriteNumber("height", Height);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("categories");
        for (var category = 0; category < Categories.Length; category++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", category + 1);
            json.WriteString("name", Categories[category]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("annotations");
        for (var i = 0; i < _objects.Length; i++)
        {
            var item = _objects[i];
            json.WriteStartObject();
            json.WriteNumber("id", i + 1);
            json.WriteNumber("image_id", item.Image);
            json.WriteNumber("category_id", item.Category);
            json.WriteStartArray("bbox");
            foreach (var value in (ReadOnlySpan<int>)[item.X, item.Y, item.Width, item.Height])
                json.WriteNumberValue(value);
            json.WriteEndArray();
            json.WriteNumber("area", item.Width * item.Height);
            json.WriteNumber("iscrowd", 0);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static IEnumerable<MadeObject> ObjectsOf(int images)
    {
        var random = new Random(7);
        for (var image = 1; image <= images; image++)
        {
            for (var left = random.Next(1, MostObjects + 1); left > 0; left--)
            {
                var (width, height) = (10 + random.Next(150), 10 + random.Next(150));
                yield return new(image, 1 + random.Next(Categories.Length), random.Next(Width - width), random.Next(Height - height), width, height);
            }
        }
    }

    private readonly record struct MadeObject(int Image, int Category, int X, int Y, int Width, int Height);
}
