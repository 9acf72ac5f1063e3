using Serve.Api.Evaluation.Reruns;
using Serve.Api.Evaluation.Storage;
using Serve.Eval;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Reports;

namespace Serve.Api.Tests.Evaluation.Reruns;

public class RerunComparisonTests
{
    private static readonly DetectionOrigin Origin = new("m1", "p1", "cpu", "1.31", "0.1.0");

    [Fact]
    public void Each_cause_is_told_with_both_values_though_the_numbers_are_the_same()
    {
        var report = Report(CocoProtocol.BoundingBox, score: 0.5);
        var before = new EvaluationRun(Row("a", hash: "d1"), report.ToJson(), [Origin]);
        var now = new EvaluationRun(
            Row("b", hash: "d2"), (report with { Provenance = new() { Version = "0.2.0" } }).ToJson(),
            [new("m2", "p2", "cuda:0", "1.32", "0.2.0"), new("m2", "p2", "cpu", "1.32", "0.2.0")]);

        var rerun = RerunComparison.Of(before, now);

        Assert.Equal(("a", true), (rerun.Of, rerun.Identical));
        Assert.Equal(
            [
                new("model", "m1", "m2"), new("data", "d1", "d2"), new("preprocessing", "p1", "p2"), new("provider", "cpu", "cpu, cuda:0"), new("runtime", "1.31", "1.32"),
                new("version", "0.1.0", "0.2.0"), new("evaluator", report.Provenance!.Version, "0.2.0"),
            ],
            rerun.Differences);
    }

    [Fact]
    public void Another_protocol_and_scores_alone_are_told_too()
    {
        var usual = new EvaluationRun(Row("a"), Report(CocoProtocol.BoundingBox, score: 0.5).ToJson(), []);
        var other = new EvaluationRun(Row("b"), Report(CocoProtocol.BoundingBox with { MaxDetections = [1, 10, 50] }, score: 0.5).ToJson(), []);
        var scores = new EvaluationRun(Row("c"), Report(CocoProtocol.BoundingBox, score: 0.6).ToJson(), []);

        Assert.Contains(RerunComparison.Of(usual, other).Differences, difference => difference.What == "protocol");
        // The same averages over another curve: the score at which it is reached.
        var curves = RerunComparison.Of(usual, scores);
        Assert.False(curves.Identical);
        Assert.Equal([new("curves or counts", null, null)], curves.Differences);
    }

    private static EvaluationRow Row(string id, string hash = "d1")
        => new() { Id = id, Dataset = "tiny", Split = "test", DatasetHash = hash, Protocol = "coco-bbox", CreatedAt = DateTime.UnixEpoch };

    private static EvaluationReport Report(Protocol protocol, double score)
    {
        var dataset = new Dataset([new(1, "a.png", 64, 48)], [new(1, "cat")], [new GroundTruth(1, 1, 1, 0, 0, 10, 10, 100, false)], "hash");
        var table = new DetectionTable();
        table.Add(1, 1, 0, 0, 10, 10, score);
        return EvaluationReport.From(Evaluator.Evaluate(dataset, table, protocol, ct: TestContext.Current.CancellationToken), dataset);
    }
}
