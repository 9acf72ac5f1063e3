using Serve.Training.Boxes;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Tracing;

public sealed class NonMaxSuppressionTests
{
    [Theory]
    [InlineData(0.3f)]
    [InlineData(0.7f)]
    public void A_thousand_boxes_are_kept_as_by_comparing_every_pair(float threshold)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(9);
        var (boxes, scores) = (TestBoxes.Random(generator, 1, 1000), rand([1, 1, 1000], generator: generator));
        var (rows, confidences) = (TestBoxes.Rows(boxes[0]), scores.data<float>().ToArray());
        var expected = new List<int>();
        foreach (var index in Enumerable.Range(0, 1000).OrderByDescending(index => confidences[index]))
        {
            if (expected.TrueForAll(kept => TestBoxes.Iou(rows[kept], rows[index]) <= threshold))
                expected.Add(index);
        }

        var places = new TracedTensor(boxes).SelectBoxes(new TracedTensor(scores), threshold, 0, 1000).Value;

        Assert.InRange(expected.Count, 2, 999);
        Assert.Equal(expected, places.select(1, 1).data<long>().ToArray().Select(index => (int)index));
    }
}
