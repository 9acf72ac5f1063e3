using System.Buffers.Binary;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Coco;

public class CocoArraysTests
{
    [Fact]
    public async Task Arrays_are_written_one_after_another_as_little_endian_doubles()
    {
        using var folder = TestFiles.NewFolder();
        var dataset = new Dataset([new(1, "", 0, 0)], [new(1, "a")], [new(1, 1, 1, 0, 0, 10, 10, 100, false)], "");
        var curves = Evaluator.Evaluate(dataset, new DetectionTable(), CocoProtocol.BoundingBox, ct: TestContext.Current.CancellationToken).Curves;

        await CocoArrays.WriteAsync(folder.File("out.f64"), curves, TestContext.Current.CancellationToken);

        var bytes = await File.ReadAllBytesAsync(folder.File("out.f64"), TestContext.Current.CancellationToken);
        var numbers = bytes.Chunk(8).Select(chunk => BinaryPrimitives.ReadDoubleLittleEndian(chunk));
        Assert.Equal([.. curves.Precision, .. curves.Recall, .. curves.Scores], numbers);
    }
}
