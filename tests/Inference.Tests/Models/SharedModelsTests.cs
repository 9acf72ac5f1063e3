using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Inference.Tests.Models;

public sealed class SharedModelsTests
{
    private static readonly string[] Photos = ["bus", "dog", "zidane", "two-people", "person"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names =>
    [
        "deimv2-atto-int8", "deimv2-atto-int8-logits", "picodet-s-320", "retinaface-mobile025", "rtmdet-nano-person", "ultraface-rfb-320", "ultraface-rfb-320-raw",
        "yolo26n-int8", "yolov8n-int8", "yolov8n-seg-int8", "yolox-nano", "yolox-nano-decoded",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Detections_do_not_depend_on_what_else_is_asked_for(string name)
    {
        var folder = TestFiles.Shared($"models/{name}");
        var pictures = Photos.Select(photo => PictureDecoder.Decode(File.ReadAllBytes(TestFiles.Shared($"images/photos/{photo}.jpg")), new PictureLimits())).ToList();
        var options = new DetectionModelOptions { Device = "cpu", LeastBatchGain = double.NegativeInfinity, Runners = name.StartsWith("rtmdet", StringComparison.Ordinal) ? 1 : 0 };
        await using var model = DetectionModel.Load(folder, options);
        var alone = new List<DetectionResult>();
        foreach (var picture in pictures)
            alone.Add(await model.DetectAsync(picture, new DetectionOptions(), Ct));

        var together = await Task.WhenAll(Enumerable.Range(0, 4).SelectMany(_ => pictures).Select(picture => Task.Run(() => model.DetectAsync(picture, new DetectionOptions(), Ct), Ct)));

        Assert.Contains(alone, result => result.Detections.Count > 0);
        for (var i = 0; i < together.Length; i++)
            Same(alone[i % pictures.Count].Detections, together[i].Detections);
        Assert.Equal(name == "rtmdet-nano-person" ? 8 : 1, model.MaxBatch);
        if (model.MaxBatch > 1)
            Assert.Contains(together, result => result.BatchSize > 1);
        if (name.StartsWith("deimv2", StringComparison.Ordinal))
            Assert.Contains(model.Explanation, reason => reason.StartsWith("Runs pictures one at a time: ", StringComparison.Ordinal));
    }

    private static void Same(IReadOnlyList<DetectedObject> expected, IReadOnlyList<DetectedObject> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].Category, actual[i].Category);
            Assert.Equal(expected[i].Score, actual[i].Score, 1e-4f);
            Assert.Equal(expected[i].Box.X1, actual[i].Box.X1, 0.1);
            Assert.Equal(expected[i].Box.Y1, actual[i].Box.Y1, 0.1);
            Assert.Equal(expected[i].Box.X2, actual[i].Box.X2, 0.1);
            Assert.Equal(expected[i].Box.Y2, actual[i].Box.Y2, 0.1);
        }
    }
}
