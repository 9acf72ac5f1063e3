using CsCheck;
using Serve.Eval.Metrics;
using Serve.Eval.Tests.Coco;

namespace Serve.Eval.Tests.Metrics;

public class MatchTableFileTests
{
    [Fact]
    public void Matches_that_were_written_and_read_give_the_same_arrays()
        => RandomScenes.Any.Sample(scene =>
        {
            using var stream = new MemoryStream();
            MatchTableFile.Write(stream, Evaluator.Evaluate(scene.Dataset, scene.Table, scene.Protocol).Matches);
            stream.Position = 0;

            var curves = Evaluator.Evaluate(MatchTableFile.Read(stream), scene.Dataset, scene.Protocol).Curves;

            return stream.Position == stream.Length && new PrecisionRecallArrays(curves.Precision, curves.Recall, curves.Scores) == scene.Evaluate();
        }, iter: 200);

    [Fact]
    public void A_file_that_ends_early_or_was_changed_is_refused_or_still_whole()
        => RandomScenes.Any.Where(HasMatch).Sample(scene =>
        {
            using var whole = new MemoryStream();
            MatchTableFile.Write(whole, Evaluator.Evaluate(scene.Dataset, scene.Table, scene.Protocol).Matches);
            var bytes = whole.ToArray();

            for (var length = 0; length < bytes.Length; length++)
                Assert.Throws<InvalidInputException>(() => MatchTableFile.Read(new MemoryStream(bytes, 0, length)));
            for (var at = 0; at < bytes.Length; at++)
            {
                var changed = bytes.ToArray();
                changed[at] ^= 0x80;
                // Either it says so, or the table can be used: no place points outside.
                var fault = Record.Exception(() => Evaluator.Evaluate(
                    MatchTableFile.Read(new MemoryStream(changed)), scene.Dataset, scene.Protocol, ct: TestContext.Current.CancellationToken));
                Assert.True(fault is null or InvalidInputException, $"byte {at}: {fault}");
            }
        }, iter: 20);

    private static bool HasMatch(RandomScene scene)
        => Evaluator.Evaluate(scene.Dataset, scene.Table, scene.Protocol, ct: TestContext.Current.CancellationToken).Matches.Outcomes(0, 2).Contains(Outcome.Matched);
}
