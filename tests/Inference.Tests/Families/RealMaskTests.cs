using System.Text;
using System.Text.Json;
using Serve.Eval.Masks;
using Serve.Inference.Detection;

namespace Serve.Inference.Tests.Families;

/// <summary>Masks of a real segmentation model, held to what its authors' post-processing gives on photos.</summary>
public sealed class RealMaskTests
{
    // An 8-bit model on other integer kernels moves edges by a pixel of the prototypes, four of the input.
    private const double LowestOverlap = 0.87;

    [Fact]
    public void Masks_on_photos_are_those_of_the_authors()
    {
        using var detector = new RealDetector(TestFiles.Shared("models/yolov8n-seg-int8/model.onnx"));
        var compared = 0;
        foreach (var file in Directory.GetFiles(TestFiles.Shared("models/yolov8n-seg-int8/expected"), "*.json").Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            var found = detector.DetectFile(TestFiles.Shared($"images/photos/{Path.GetFileNameWithoutExtension(file)}.jpg"), new DetectionOptions(0.1));
            foreach (var expected in document.RootElement.GetProperty("detections").EnumerateArray().Where(item => item.GetProperty("score").GetDouble() >= 0.4))
            {
                var mask = Mask(expected.GetProperty("mask"));
                var best = found.Where(item => item.Category.Name == expected.GetProperty("label").GetString()).Max(item => Overlap(item.Mask!, mask));
                Assert.True(best >= LowestOverlap, $"{Path.GetFileName(file)}: {expected.GetProperty("label")} {expected.GetProperty("score")}: the best mask overlaps by {best:0.000}.");
                compared++;
            }
        }

        Assert.InRange(compared, 20, 200);
    }

    private static double Overlap(RunLengths a, RunLengths b)
    {
        var (first, second) = (Pixels(a), Pixels(b));
        var common = first.Zip(second).LongCount(pair => pair is (true, true));
        return common / (double)(a.Area + b.Area - common);
    }

    private static IEnumerable<bool> Pixels(RunLengths mask) => mask.ToCounts().SelectMany((count, run) => Enumerable.Repeat(run % 2 == 1, (int)count));

    private static RunLengths Mask(JsonElement element)
    {
        var mask = new RunLengths();
        Assert.True(mask.TryRead(Encoding.ASCII.GetBytes(element.GetProperty("counts").GetString()!), element.GetProperty("size")[0].GetInt32(), element.GetProperty("size")[1].GetInt32()));
        return mask;
    }
}
