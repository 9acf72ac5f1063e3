using CsCheck;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Coco;

/// <summary>An evaluation's whole input.</summary>
internal sealed record RandomScene(Dataset Dataset, IReadOnlyList<NaiveEvaluator.Detection> Detections, CocoProtocol Protocol)
{
    // What a failing property test prints.
    public override string ToString()
        => $"{string.Join(Environment.NewLine, Dataset.GroundTruths)}{Environment.NewLine}{string.Join(Environment.NewLine, Detections)}{Environment.NewLine}by category: {Protocol.UseCategories}";

    public DetectionTable Table => RandomScenes.TableOf(Detections);

    public PrecisionRecallArrays Evaluate(int threads = 1) => PrecisionRecallArrays.Of(Evaluator.Evaluate(Dataset, Table, Protocol, threads));
}

/// <summary>The three arrays; equal when every bit is.</summary>
internal sealed record PrecisionRecallArrays(double[] Precision, double[] Recall, double[] Scores)
{
    public static PrecisionRecallArrays Of(EvaluationResult evaluation) => new(evaluation.Curves.Precision, evaluation.Curves.Recall, evaluation.Curves.Scores);

    public bool Equals(PrecisionRecallArrays? other)
        => other is not null && Precision.SequenceEqual(other.Precision) && Recall.SequenceEqual(other.Recall) && Scores.SequenceEqual(other.Scores);

    public override int GetHashCode() => Precision.Length;
}

/// <summary>Small scenes on a coarse grid with few different scores, so that ties of every kind are common.</summary>
internal static class RandomScenes
{
    private static readonly Gen<double> Edge = Gen.Int[0, 3].Select(i => i * 16.0);
    private static readonly Gen<double> Side = Gen.Int[1, 7].Select(i => i * 16.0);
    private static readonly Gen<long> Image = Gen.Long[-1, 2];
    private static readonly Gen<long> Class = Gen.Long[1, 3];

    private static readonly Gen<GroundTruth> Object = Gen.Select(Image, Class, Edge, Edge, Side, Side, Gen.Int[0, 4])
        .Select((image, category, x, y, w, h, kind) => new GroundTruth(0, image, category, x, y, w, h, kind == 1 ? w * h / 2 : w * h, kind == 0));

    /// <summary>A detection on one of the images.</summary>
    public static Gen<NaiveEvaluator.Detection> AnyDetection { get; } = Gen.Select(Image, Class, Edge, Edge, Side, Side, Gen.Int[0, 3])
        .Select((image, category, x, y, w, h, score) => new NaiveEvaluator.Detection(image, category, x, y, w, h, score / 4.0));

    private static readonly Gen<double> Step = Gen.OneOfConst(-16.0, 0, 0, 16);

    private static readonly CocoProtocol Coarse = CocoProtocol.BoundingBox with
    {
        IouThresholds = [0, 0.25, 0.5, 0.75, 1],
        RecallThresholds = [0, 0.25, 1 / 3.0, 0.5, 0.75, 1],
        MaxDetections = [4, 1, 2],
    };

    public static Gen<RandomScene> Any { get; } = Object.Array[0, 10].SelectMany(objects => Gen.Select(DetectionAmong(objects).Array[0, 12], Gen.Bool, (detections, useCategories) => new RandomScene(
        DatasetOf([2, -1, 0, 1], objects), detections, Coarse with { UseCategories = useCategories })));

    /// <summary>Enough images, 3,000 objects and 20,000 detections for several threads to have work.</summary>
    public static RandomScene Large { get; } = MakeLarge();

    public static DetectionTable TableOf(IEnumerable<NaiveEvaluator.Detection> detections)
    {
        var table = new DetectionTable();
        foreach (var d in detections)
            table.Add(d.Image, d.Category, d.X, d.Y, d.Width, d.Height, d.Score);
        return table;
    }

    public static Dataset DatasetOf(IEnumerable<long> images, IEnumerable<GroundTruth> objects) => new(
        [.. images.Select(id => new ImageEntry(id, "", 0, 0))], [new(3, "c"), new(1, "a"), new(2, "b")], [.. objects.Select((g, i) => g with { Id = i + 1 })], "");

    // Half of the detections find an object, at most a step beside it and mostly of its category.
    private static Gen<NaiveEvaluator.Detection> DetectionAmong(GroundTruth[] objects) => objects.Length == 0 ? AnyDetection : Gen.Select(
        AnyDetection, Gen.Bool, Gen.OneOfConst(objects), Step, Step, Gen.Int[0, 3],
        (any, isAimed, found, x, y, kind) => isAimed
            ? new(found.ImageId, kind == 0 ? any.Category : found.CategoryId, found.X + x, found.Y + y, found.Width, found.Height, any.Score)
            : any);

    private static RandomScene MakeLarge()
    {
        var random = new Random(7);
        double Side() => 10 + random.Next(150);
        var objects = Enumerable.Range(0, 3000).Select(_ => new GroundTruth(0, random.Next(400), random.Next(1, 4), Side(), Side(), Side(), Side(), 100 * Side(), random.Next(20) == 0));
        var detections = Enumerable.Range(0, 20_000).Select(_ => new NaiveEvaluator.Detection(random.Next(400), random.Next(1, 4), Side(), Side(), Side(), Side(), random.Next(50) / 50.0));
        return new(DatasetOf(Enumerable.Range(0, 400).Select(i => (long)i), objects), [.. detections], CocoProtocol.BoundingBox);
    }
}
