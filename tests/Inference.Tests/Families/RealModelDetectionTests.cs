using System.Text.Json;
using Serve.Eval;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Inference.Detection;

namespace Serve.Inference.Tests.Families;

/// <summary>
/// Detectors trained by others, recognised from their files alone, held to what their authors' pre- and post-processing gives: on photos within the tolerances
/// that were measured for them, and in average precision on a hundred pictures.
/// </summary>
public sealed class RealModelDetectionTests(ITestOutputHelper output)
{
    private const int EvaluatedPerImage = 100;

    private static readonly Dictionary<string, string> VocNames = new()
    {
        ["airplane"] = "aeroplane",
        ["couch"] = "sofa",
        ["dining table"] = "diningtable",
        ["motorcycle"] = "motorbike",
        ["potted plant"] = "pottedplant",
        ["tv"] = "tvmonitor",
    };

    [Theory]
    [InlineData("yolox-nano", 0.98, 0.01)]
    [InlineData("yolox-nano-decoded", 0.98, 0.01)]
    [InlineData("picodet-s-320", 0.98, 0.01)]
    [InlineData("yolov8n-int8", 0.87, 0.08)]
    [InlineData("yolov8n-seg-int8", 0.87, 0.08)]
    [InlineData("yolo26n-int8", 0.87, 0.08)]
    [InlineData("rtmdet-nano-person", 0.98, 0.01)]
    [InlineData("ultraface-rfb-320", 0.98, 0.01)]
    [InlineData("ultraface-rfb-320-raw", 0.98, 0.01)]
    [InlineData("retinaface-mobile025", 0.98, 0.01)]
    public void Detections_on_photos_are_those_of_the_authors(string model, double overlap, double score)
    {
        using var detector = new RealDetector(TestFiles.Shared($"models/{model}/model.onnx"));
        var differences = new List<string>();
        foreach (var file in Directory.GetFiles(TestFiles.Shared($"models/{model}/expected"), "*.json").Order(StringComparer.Ordinal))
        {
            var expected = ExpectedDetections.Read(file);
            var found = detector.DetectFile(TestFiles.Shared($"images/photos/{Path.GetFileNameWithoutExtension(file)}.jpg"), new DetectionOptions(expected.Threshold, MaxDetections: 1000));
            differences.AddRange(expected.Differences(found, overlap, score).Select(line => $"{Path.GetFileNameWithoutExtension(file)}: {line}"));
        }

        Assert.True(differences.Count == 0, string.Join("\n", differences));
    }

    [Theory]
    [InlineData("yolox-nano", 0.002)]
    [InlineData("yolox-nano-decoded", 0.002)]
    [InlineData("picodet-s-320", 0.002)]
    [InlineData("yolov8n-int8", 0.01)]
    [InlineData("yolov8n-seg-int8", 0.01)]
    [InlineData("yolo26n-int8", 0.01)]
    [InlineData("rtmdet-nano-person", 0.002)]
    [InlineData("deimv2-atto-int8", 0.01)]
    [InlineData("deimv2-atto-int8-logits", 0.01)]
    public async Task Average_precision_is_that_of_the_authors(string model, double tolerance)
    {
        var folder = TestFiles.Shared("data/voc2012-100");
        using var detector = new RealDetector(TestFiles.Shared($"models/{model}/model.onnx"));
        var dataset = await CocoDatasetReader.ReadAsync(Path.Combine(folder, "annotations", "instances.json"), TestContext.Current.CancellationToken);
        if (detector.Passport.Categories.Count == 1)
            dataset = OnlyPersons(dataset);
        var ids = dataset.Categories.ToDictionary(category => category.Name, category => category.Id);
        var table = new DetectionTable();
        foreach (var image in dataset.Images)
        {
            var detections = detector.DetectFile(Path.Combine(folder, "images", image.FileName), new DetectionOptions(ScoreThreshold: 0.01, MaxDetections: int.MaxValue));
            foreach (var (category, score, box) in detections.Where(detection => ids.ContainsKey(VocName(detection.Category))).Take(EvaluatedPerImage))
                table.Add(image.Id, ids[VocName(category)], box.X1, box.Y1, box.Width, box.Height, score);
        }

        var evaluation = Evaluator.Evaluate(dataset, table, CocoProtocol.BoundingBox, ct: TestContext.Current.CancellationToken);

        using var stats = JsonDocument.Parse(File.ReadAllText(TestFiles.Shared($"models/{model}/expected/voc2012-100/stats.json")));
        foreach (var name in (string[])["AP", "AP50"])
        {
            var expected = stats.RootElement.GetProperty("stats").GetProperty(name).GetDouble();
            output.WriteLine($"{model}: {name} {evaluation[name]:0.0000}, expected {expected:0.0000}");
            Assert.InRange(evaluation[name]!.Value, expected - tolerance, expected + tolerance);
        }
    }

    private static string VocName(Category category) => VocNames.GetValueOrDefault(category.Name, category.Name);

    private static Dataset OnlyPersons(Dataset dataset)
    {
        var person = dataset.Categories.Single(category => category.Name == "person");
        return new Dataset(dataset.Images, [person], [.. dataset.GroundTruths.Where(truth => truth.CategoryId == person.Id)], dataset.ContentHash);
    }
}
