using CsCheck;
using Serve.Eval.Datasets;
using Serve.Eval.Lvis;
using Serve.Eval.Tests.Coco;

namespace Serve.Eval.Tests.Lvis;

/// <summary>An LVIS evaluation's whole input: scenes of the COCO tests with lists for each image, ignored objects, and areas of 0.</summary>
internal sealed record LvisScene(Dataset Dataset, IReadOnlyList<NaiveEvaluator.Detection> Detections, LvisProtocol Protocol)
{
    private static readonly string[] Frequencies = ["f", "r", "c"];

    private static readonly Gen<long[][]> Lists = Gen.Long[1, 3].Array[0, 2].Array[4];

    private static readonly Gen<LvisProtocol> Protocols = Gen.Select(Gen.Int[0, 4], Gen.Bool, (kind, strict) => kind switch
    {
        0 => Coarse(LvisProtocol.BoundingBox) with { MaxDetections = [2] },
        1 => Coarse(LvisProtocol.BoundingBox) with { StrictReference = strict },
        2 => Coarse(LvisProtocol.BoundingBox) with { MaxDetections = [3], UseCategories = false },
        3 => Coarse(LvisProtocol.FixedBoundingBox) with { MaxDetections = [5, 1, 2] },
        _ => Coarse(LvisProtocol.FixedBoundingBox) with { MaxDetections = [2], StrictReference = strict },
    });

    public static Gen<LvisScene> Any { get; } = Gen.Select(RandomScenes.Any, Lists, Lists, Protocols, (scene, negative, notExhaustive, protocol) => new LvisScene(
        new(
            [.. scene.Dataset.Images.Select((image, i) => image with { NegativeCategoryIds = negative[i], NotExhaustiveCategoryIds = notExhaustive[i] })],
            [.. scene.Dataset.Categories.Select((category, i) => category with { Frequency = Frequencies[i] })],
            [.. scene.Dataset.GroundTruths.Select(g => g with { IsIgnored = g.IsCrowd, IsCrowd = g.Id % 3 == 0, Area = g.Id % 7 == 0 ? 0 : g.Area })],
            ""),
        [.. scene.Detections.Select((d, i) => i % 6 == 5 ? d with { Width = 0 } : d)],
        protocol));

    // What a failing property test prints.
    public override string ToString() => string.Join(Environment.NewLine, [
        .. Dataset.Images.Select(i => $"{i.Id}: absent {string.Join(' ', i.NegativeCategoryIds)}, not exhaustive {string.Join(' ', i.NotExhaustiveCategoryIds)}"),
        .. Dataset.GroundTruths, .. Detections, $"{Protocol.Name}, at most {string.Join(' ', Protocol.MaxDetections)}, by category: {Protocol.UseCategories}, strict: {Protocol.StrictReference}"]);

    public PrecisionRecallArrays Evaluate(int threads = 1) => PrecisionRecallArrays.Of(Evaluator.Evaluate(Dataset, RandomScenes.TableOf(Detections), Protocol, threads));

    private static LvisProtocol Coarse(LvisProtocol protocol) => protocol with { IouThresholds = [0.25, 0.5, 0.75, 1], RecallThresholds = [0, 0.25, 1 / 3.0, 0.5, 0.75, 1] };
}
