using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Tests.Coco;

namespace Serve.Eval.Tests.Statistics;

/// <summary>400 images with 3,000 objects of three categories, about half of them found, and as many wrong detections.</summary>
internal static class LargerScene
{
    public const int Images = 400;

    /// <summary>Evaluates a result under <c>coco-bbox</c>.</summary>
    /// <param name="seed">Decides the detections; the objects are always the same.</param>
    /// <param name="weights">How often each image stands in the dataset; null for once.</param>
    /// <param name="quality">How well objects are found: 0 badly, 1 exactly.</param>
    public static EvaluationResult Evaluate(int seed, byte[]? weights = null, double quality = 0.8)
    {
        var (objects, detections) = Make(seed, quality);
        var copies = Enumerable.Range(0, Images).SelectMany(image => Enumerable.Range(0, weights?[image] ?? 1).Select(copy => (Image: image, Copy: ((long)image * 1000) + copy))).ToArray();
        var (objectsOf, detectionsOf) = (objects.ToLookup(g => g.ImageId), detections.ToLookup(d => d.Image));
        var dataset = RandomScenes.DatasetOf(
            copies.Select(copy => copy.Copy), copies.SelectMany(copy => objectsOf[copy.Image].Select(g => g with { ImageId = copy.Copy })));
        var scene = new RandomScene(dataset, [.. copies.SelectMany(copy => detectionsOf[copy.Image].Select(d => d with { Image = copy.Copy }))], CocoProtocol.BoundingBox);
        return Evaluator.Evaluate(dataset, scene.Table, scene.Protocol, ct: TestContext.Current.CancellationToken);
    }

    private static (List<GroundTruth> Objects, List<NaiveEvaluator.Detection> Detections) Make(int seed, double quality)
    {
        var (things, noise) = (new SplitMix64(1), new SplitMix64(2, seed));
        var (objects, detections) = (new List<GroundTruth>(), new List<NaiveEvaluator.Detection>());
        for (var i = 0; i < 3000; i++)
        {
            var (image, category) = (things.NextInt(Images), 1 + things.NextInt(3));
            var (x, y, width, height) = (things.NextDouble(0, 300), things.NextDouble(0, 300), things.NextDouble(10, 160), things.NextDouble(10, 160));
            objects.Add(new(0, image, category, x, y, width, height, width * height * 0.8, things.NextInt(20) == 0));
            var spread = (1 - quality) * 40;
            double Shifted(double value, ref SplitMix64 random) => value + random.NextDouble(-spread, spread);
            if (noise.NextBool(0.4 + (quality / 2)))
            {
                detections.Add(new(
                    image, category, Shifted(x, ref noise), Shifted(y, ref noise), width, height, Math.Round(noise.NextDouble(0.2, 1), 2)));
            }
            if (noise.NextBool(0.8))
            {
                detections.Add(new(
                    noise.NextInt(Images), category, noise.NextDouble(0, 300), noise.NextDouble(0, 300), width, height, Math.Round(noise.NextDouble(0, 0.8), 2)));
            }
        }
        return (objects, detections);
    }
}
