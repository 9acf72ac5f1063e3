using CsCheck;
using Serve.Eval.Metrics;
using Serve.Eval.Tests.Coco;

namespace Serve.Eval.Tests.Metrics;

public class MatchMergingTests
{
    [Fact]
    public void Merged_parts_give_the_same_arrays_as_all_at_once()
        => RandomScenes.Any.Sample(scene =>
        {
            long[][] shards = [[2], [0, -1], [1]];
            var parts = shards.Select(shard => Evaluator.Evaluate(scene.Dataset, scene.Table, scene.Protocol with { ImageIds = shard }).Matches).ToList();

            var curves = Evaluator.Evaluate(MatchTable.Merge(parts), scene.Dataset, scene.Protocol).Curves;

            return new PrecisionRecallArrays(curves.Precision, curves.Recall, curves.Scores) == scene.Evaluate();
        }, iter: 300);

    [Fact]
    public void An_image_in_two_parts_is_refused()
    {
        var scene = RandomScenes.Any.Single();
        var part = Evaluator.Evaluate(scene.Dataset, scene.Table, scene.Protocol, ct: TestContext.Current.CancellationToken).Matches;

        var fault = Assert.Throws<InvalidInputException>(() => MatchTable.Merge([part, part]));

        Assert.Equal("Image -1 is in two parts of an evaluation; each image must be in one.", fault.Message);
    }
}
