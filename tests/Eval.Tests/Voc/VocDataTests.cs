using Serve.Eval.Datasets;
using Serve.Eval.Voc;

namespace Serve.Eval.Tests.Voc;

/// <summary>A hundred real VOC pictures, 38 of whose 273 objects are difficult, with what real detectors find on them.</summary>
public class VocDataTests
{
    [Theory]
    [InlineData("yolo26n-int8", true)]
    [InlineData("yolo26n-int8", false)]
    [InlineData("yolox-nano", true)]
    [InlineData("deimv2-atto-int8", false)]
    public async Task Every_category_is_measured_as_the_development_kit_does(string model, bool elevenPoints)
    {
        var ct = TestContext.Current.CancellationToken;
        var dataset = await CocoDatasetReader.ReadAsync(TestFiles.Shared("data/voc2012-100/annotations/instances.json"), ct);
        var detections = await CocoResults.ReadAsync(TestFiles.Shared($"models/{model}/expected/voc2012-100/detections.json"), ct);
        var protocol = (elevenPoints ? VocProtocol.Voc2007 : VocProtocol.Voc2012) with { StrictReference = true };

        var evaluation = Evaluator.Evaluate(dataset, detections, protocol, ct: ct);

        Assert.Equal(38, dataset.GroundTruths.Count(g => g.IsIgnored));
        Assert.Equal(20, evaluation.PerCategory.Count);
        foreach (var category in evaluation.PerCategory)
        {
            var expected = NaiveVoc.Evaluate(
                [.. dataset.GroundTruths.Where(g => g.CategoryId == category.Id).Select(g => new NaiveVoc.Object(g.ImageId, CornersOf(g.Box), g.IsIgnored))],
                DetectionsOf(detections, category.Id),
                0.5,
                elevenPoints)!.Value;
            Assert.Equal(expected.Ap, category.Ap!.Value, 1e-13);
            Assert.Equal(expected.Recall, category.Ar);
        }
        Assert.InRange(evaluation["mAP"]!.Value, 0.2, 0.95);
    }

    private static IEnumerable<NaiveVoc.Detection> DetectionsOf(DetectionTable table, long category)
        => Enumerable.Range(0, table.Count).Where(row => table.CategoryIds[row] == category).Select(row => new NaiveVoc.Detection(
            table.ImageIds[row], CornersOf(Box.FromCocoXywh(table.X[row], table.Y[row], table.Width[row], table.Height[row])), table.Scores[row]));

    private static NaiveVoc.Corners CornersOf(Box box) => new(box.X1, box.Y1, box.X2, box.Y2);
}
