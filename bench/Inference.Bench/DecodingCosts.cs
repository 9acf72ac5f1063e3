using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Serve.Eval.Datasets;
using Serve.Inference.Decoding;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Bench;

/// <summary>Times the step from a model's outputs to detections, on made-up outputs of well-known detectors' shapes, beside a plain loop.</summary>
internal static class DecodingCosts
{
    private const int Categories = 80;
    private const int PlantedObjects = 12;
    private const int LocationsOfAnObject = 6;

    private static readonly IReadOnlyList<Category> Names = [.. Enumerable.Range(0, Categories).Select(i => new Category(i, $"{i}"))];

    /// <summary>Writes the table.</summary>
    public static void Write(TextWriter output, int rounds)
    {
        output.WriteLine("| outputs | threshold | at most | detections | milliseconds | plain loop | bytes |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var (threshold, most) in ((double, int)[])[(0.3, 100), (0.01, 100), (0, 100), (0, 3549)])
            Row(output, rounds, "3549 x 85, objectness, rows together (YOLOX at 416)", Rows(3549, 416), channelsFirst: false, 3549, threshold, most, masks: false);
        foreach (var (threshold, most) in ((double, int)[])[(0.25, 100), (0.001, 100), (0, 100), (0, 8400)])
            Row(output, rounds, "84 x 8400, channels together (YOLOv8 at 640)", Channels(8400, 640, 0), channelsFirst: true, 8400, threshold, most, masks: false);
        Row(output, rounds, "116 x 8400 and prototypes 32 x 160 x 160, masks of 1280 x 720", Channels(8400, 640, 32), channelsFirst: true, 8400, 0.25, 100, masks: true);
    }

    private static void Row(TextWriter output, int rounds, string name, float[] values, bool channelsFirst, int locations, double threshold, int most, bool masks)
    {
        var channels = values.Length / locations;
        var axes = channelsFirst ? "bcn" : "bnc";
        TensorPart Part(int from, int count) => new() { Outputs = ["output"], Axes = axes, From = from, Channels = count };
        var spec = new DecodingSpec
        {
            Boxes = Part(0, 4),
            Objectness = channelsFirst ? null : Part(4, 1),
            Scores = Part(channelsFirst ? 4 : 5, Categories),
            Score = channelsFirst ? ScoreRule.Category : ScoreRule.ObjectnessTimesCategory,
            Code = BoxCode.Cxcywh,
            Nms = new NmsSpec { Iou = 0.5 },
            Masks = masks ? new MaskSpec { Frame = MaskFrame.Prototypes, Output = "prototypes", Coefficients = Part(84, 32) } : null,
        };
        var side = channelsFirst ? 640 : 416;
        var input = new InputSpec { Width = side, Height = side };
        var plan = ResizePlan.For(input, 1280, 720);
        var decoder = OutputDecoder.Create(spec, input, Names);
        using var tensor = OrtValue.CreateTensorValueFromMemory(values, channelsFirst ? [1, channels, locations] : [1, locations, channels]);
        using var prototypes = OrtValue.CreateTensorValueFromMemory(Smooth(32, 160), [1, 32, 160, 160]);
        OrtValue[] outputs = masks ? [tensor, prototypes] : [tensor];
        var detections = new List<DetectedObject>(most);
        var options = new DetectionOptions(threshold, most);
        void Decode()
        {
            detections.Clear();
            decoder.Decode(outputs, 0, plan, options, threshold, detections);
        }

        Func<int, int, float> value = channelsFirst ? (location, c) => values[(c * locations) + location] : (location, c) => values[(location * channels) + c];
        var own = Fastest(Decode, rounds);
        var naive = masks ? "" : Milliseconds(Fastest(() => NaiveDecoding.Run(value, locations, !channelsFirst, Categories, threshold, 0.5, most), Math.Max(3, rounds / 20)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Decode();
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {threshold} | {most} | {detections.Count} | {Milliseconds(own)} | {naive} | {bytes} |"));
    }

    /// <summary>Rows (cx, cy, w, h, objectness, categories): a dozen objects with several locations each, little elsewhere.</summary>
    private static float[] Rows(int locations, int side)
    {
        var random = new Random(1);
        var values = new float[locations * (5 + Categories)];
        for (var location = 0; location < locations; location++)
        {
            var row = values.AsSpan(location * (5 + Categories), 5 + Categories);
            Fill(row, random, side);
            row[4] = MathF.Pow(random.NextSingle(), 12) * 0.2f;
        }

        Plant(random, locations, (location, channel, value) => values[(location * (5 + Categories)) + channel] = value, first: 5);
        return values;
    }

    private static float[] Channels(int locations, int side, int coefficients)
    {
        var random = new Random(1);
        var channels = 4 + Categories + coefficients;
        var values = new float[locations * channels];
        var row = new float[channels];
        for (var location = 0; location < locations; location++)
        {
            Fill(row, random, side);
            for (var c = 0; c < channels; c++)
                values[(c * locations) + location] = c < 4 || c >= 4 + Categories ? row[c] : row[c] * row[c] * row[c] * 0.1f;
        }

        Plant(random, locations, (location, channel, value) => values[(channel * locations) + location] = value, first: 4);
        return values;
    }

    private static void Fill(Span<float> row, Random random, int side)
    {
        for (var c = 0; c < row.Length; c++)
            row[c] = random.NextSingle();
        (row[0], row[1], row[2], row[3]) = (row[0] * side, row[1] * side, 20 + (row[2] * side / 4), 20 + (row[3] * side / 4));
        for (var c = 4 + Categories; c < row.Length && row.Length > 5 + Categories; c++)
            row[c] = (2 * row[c]) - 1;
    }

    private static void Plant(Random random, int locations, Action<int, int, float> set, int first)
    {
        for (var i = 0; i < PlantedObjects; i++)
        {
            var (x, y, category) = (40 + (random.NextSingle() * 300), 40 + (random.NextSingle() * 200), random.Next(Categories));
            for (var j = 0; j < LocationsOfAnObject; j++)
            {
                var location = random.Next(locations);
                var jitter = random.NextSingle() * 4;
                foreach (var (channel, value) in ((int, float)[])[(0, x + jitter), (1, y - jitter), (2, 120 + jitter), (3, 90 + jitter), (first + category, 0.6f + (random.NextSingle() * 0.39f))])
                    set(location, channel, value);
                if (first == 5)
                    set(location, 4, 0.8f + (random.NextSingle() * 0.2f));
            }
        }
    }

    private static float[] Smooth(int planes, int side)
    {
        var values = new float[planes * side * side];
        for (var i = 0; i < values.Length; i++)
            values[i] = MathF.Sin((i % side * 0.05f * (1 + (i / (side * side) % 5))) + (i / side % side * 0.03f));
        return values;
    }

    private static double Fastest(Action work, int rounds)
    {
        // The runtime compiles for good what it saw used for a while, beside the work.
        var warm = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(warm).TotalMilliseconds < 500)
            work();
        var fastest = double.MaxValue;
        for (var round = 0; round < rounds; round++)
        {
            var begun = Stopwatch.GetTimestamp();
            work();
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        return fastest;
    }

    private static string Milliseconds(double value) => value.ToString(value < 1 ? "0.000" : "0.00", CultureInfo.InvariantCulture);
}
