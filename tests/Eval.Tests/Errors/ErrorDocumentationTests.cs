using Serve.Eval.Coco;
using Serve.Eval.Errors;
using Serve.Eval.Tests.Coco;

namespace Serve.Eval.Tests.Errors;

public class ErrorDocumentationTests
{
    [Fact]
    public async Task Documentation_shows_what_the_analysis_of_a_hundred_real_images_writes()
    {
        var ct = TestContext.Current.CancellationToken;
        var input = new GoldenCase("coco/val2014_100_bbox");
        var (dataset, detections) = (await input.ReadDataset(ct), await input.ReadDetections(ct));
        var evaluation = Evaluator.Evaluate(dataset, detections, CocoProtocol.BoundingBox, ct: ct);

        var text = ErrorAnalysis.Run(dataset, detections, evaluation, new() { WorstImages = 5 }, ct: ct).ToText();

        Assert.Contains($"```\n{text}```\n", File.ReadAllText(Path.Combine(TestFiles.Root, "docs", "errors.md")), StringComparison.Ordinal);
    }
}
