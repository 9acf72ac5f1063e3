using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Tests.Metrics;

public class MatchAgreementTests
{
    private const string Rule = "What is evaluated together must be matched under the same protocol and dataset.";

    private static readonly Category[] Two = [new(2, "b"), new(1, "a")];

    private static readonly CocoProtocol Half = CocoProtocol.BoundingBox with { IouThresholds = [0.5], AreaRanges = [new("all", 0, 1e10)] };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void A_part_that_was_matched_under_other_parameters_is_refused_and_changes_nothing()
    {
        var evaluator = new IncrementalEvaluator(Half, Two);
        evaluator.Add(Part(Half, Two, 1));
        string Fault(MatchTable part) => Assert.Throws<InvalidInputException>(() => evaluator.Add(part)).Message;

        Assert.Equal($"Part 2 (image 2): the overlap thresholds are 0.5, 0.75; those of coco-bbox are 0.5. {Rule}", Fault(Part(Half with { IouThresholds = [0.5, 0.75] }, Two, 2)));
        Assert.Equal(
            $"Part 2 (images 2 to 4): the area ranges are \"all\" 0 to 10000000000, \"tiny\" 0 to 0.5 (Scale); those of coco-bbox are \"all\" 0 to 10000000000. {Rule}",
            Fault(Part(Half with { AreaRanges = [.. Half.AreaRanges, new("tiny", 0, 0.5) { Measure = SizeMeasure.Scale }] }, Two, 2, 4, 3)));
        Assert.Equal($"Part 2: the categories are 1, 7; those of coco-bbox are 1, 2. {Rule}", Fault(Part(Half, [new(1, "a"), new(7, "g")])));
        Assert.Equal($"Part 2 (image 2): the categories are pooled; those of coco-bbox are 1, 2. {Rule}", Fault(Part(Half with { UseCategories = false }, Two, 2)));
        Assert.Equal(1, evaluator.Images);
        evaluator.Add(Part(Half, Two, 2));
        Assert.Equal([1, 2], evaluator.Evaluate(Ct).Matches.Input.ImageIds);
    }

    [Fact]
    public void The_first_part_is_held_against_the_protocol_too()
    {
        var evaluator = new IncrementalEvaluator(Half, Two);

        Assert.Throws<InvalidInputException>(() => evaluator.Add(Part(CocoProtocol.BoundingBox, Two, 1)));

        Assert.Null(evaluator.Matches());
    }

    [Fact]
    public void Matches_are_evaluated_under_the_protocol_that_made_them()
    {
        var matches = Part(Half, Two, 1);
        var dataset = new Dataset([], Two, [], "");
        string Fault(Protocol protocol) => Assert.Throws<InvalidInputException>(() => Evaluator.Evaluate(matches, dataset, protocol, ct: Ct)).Message;

        Assert.Equal($"Matches: the overlap thresholds are 0.5; those of coco-bbox are 0.75. {Rule}", Fault(Half with { IouThresholds = [0.75] }));
        Assert.Equal($"Matches: the categories are 1, 2; those of coco-bbox are 2. {Rule}", Fault(Half with { CategoryIds = [2] }));
        Assert.Equal("coco-bbox: MaxDetections is empty; at least one limit is needed.", Fault(Half with { MaxDetections = [] }));
        Assert.Equal([1], Evaluator.Evaluate(matches, dataset, Half, ct: Ct).Matches.Input.ImageIds);
    }

    [Fact]
    public void A_part_that_does_not_go_with_the_first_is_named_when_parts_are_merged()
    {
        Category[] many = [.. Enumerable.Range(1, 80).Select(id => new Category(id, $"{id}"))];
        var others = many.Select(category => category.Id == 13 ? category with { Id = 91 } : category).ToArray();

        var fault = Assert.Throws<InvalidInputException>(() => MatchTable.Merge([Part(Half, many, 1), Part(Half, many, 2), Part(Half, others, 3)]));

        Assert.Equal($"Part 3 (image 3): the categories are 80 in number (91 among them); those of part 1 are 80 in number (13 among them). {Rule}", fault.Message);
    }

    private static MatchTable Part(Protocol protocol, Category[] categories, params long[] images) => Evaluator.Evaluate(
        new Dataset([.. images.Select(id => new ImageEntry(id, "", 0, 0))], categories, [.. images.Select(id => new GroundTruth(id, id, 1, 0, 0, 10, 10, 100, false))], ""),
        new DetectionTable(), protocol, ct: Ct).Matches;
}
