using Serve.Inference.Decoding;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Preprocessing;
using static Serve.Inference.Tests.Decoding.DecoderCase;

namespace Serve.Inference.Tests.Decoding;

/// <summary>Outputs of several blocks of locations, where nearly all or hardly any of them pass.</summary>
public sealed class LargeOutputsTests
{
    private const int Locations = 2500;
    private static readonly ResizePlan Wide = ResizePlan.For(new InputSpec { Width = 640, Height = 640, Resize = ResizeRule.Stretch }, 500, 400);

    [Theory]
    [InlineData("bnc", 0.0)]
    [InlineData("bnc", 0.97)]
    [InlineData("bcn", 0.0)]
    [InlineData("bcn", 0.9)]
    [InlineData("bcn", 0.999)]
    [InlineData("cbn", 0.5)]
    [InlineData("nbc", 0.5)]
    public void Large_outputs_give_what_a_plain_loop_gives(string axes, double threshold)
    {
        foreach (var choose in (LabelRule[])[LabelRule.Best, LabelRule.Every])
        {
            foreach (var background in (int?[])[null, 0])
            {
                var random = new Random(1);
                var spec = new DecodingSpec
                {
                    Boxes = Part("boxes", "bnc"),
                    Scores = Part("scores", axes) with { Activation = background is null ? Activation.None : Activation.Softmax },
                    Choose = choose,
                    Background = background,
                    Code = BoxCode.Cxcywh,
                    Nms = new NmsSpec { Iou = 0.5, MaxCandidates = 900 },
                };
                var scores = new TestTensor("scores", axes, [.. axes.Select(letter => letter switch { 'b' => 1, 'n' => Locations, _ => 7 })]).Fill(() => random.Next(1000) / 1000f * (background is null ? 1 : 9));
                var boxes = new TestTensor("boxes", "bnc", 1, Locations, 4).Fill(() => 100 * random.NextSingle());

                AssertSame(spec, [boxes, scores], threshold, categories: background is null ? 7 : 6);
            }
        }
    }

    [Fact]
    public void The_best_pairs_of_query_and_category_are_found_without_sorting_all()
    {
        var random = new Random(2);
        var spec = new DecodingSpec
        {
            Boxes = Part("boxes", "bnc"),
            Scores = Part("scores", "bnc") with { Activation = Activation.Sigmoid },
            Choose = LabelRule.Every,
            Code = BoxCode.Cxcywh,
            Units = BoxUnits.InputNormalised,
            MaxDetections = 40,
        };
        for (var run = 0; run < 20; run++)
        {
            // Few different values: the limit falls among equals.
            var scores = new TestTensor("scores", "bnc", 1, 100, 30).Fill(() => random.Next(20) / 4f);
            AssertSame(spec, [new TestTensor("boxes", "bnc", 1, 100, 4).Fill(random.NextSingle), scores], 0, 30);
        }
    }

    [Fact]
    public void Peaks_are_the_locations_that_no_neighbour_outdoes()
    {
        var scores = Tensor("scores", "bcyx", [1, 2, 4, 4],
            9, 1, 1, 8, 1, 1, 1, 8, 1, 7, 1, 1, 1, 1, 1, 1,
            1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 6, 1);
        var spec = new DecodingSpec
        {
            Boxes = Part("boxes", "bcyx"),
            Scores = Part("scores", "bcyx"),
            Code = BoxCode.CentreSize,
            Grid = new GridSpec { Strides = [8] },
            Choose = LabelRule.Every,
            PeakKernel = 3,
        };

        var found = Decode(spec, [new TestTensor("boxes", "bcyx", 1, 4, 4, 4).Fill(() => 0.5f), scores], threshold: 2);

        Assert.Equal([("c0", 9f), ("c0", 8f), ("c0", 8f), ("c0", 7f), ("c1", 6f)], found.Select(detection => (detection.Category.Name, detection.Score)));
    }

    [Fact]
    public void Decoding_leaves_no_garbage_but_its_result()
    {
        var random = new Random(3);
        var spec = new DecodingSpec
        {
            Boxes = Part("rows", "bnc", 0, 4),
            Objectness = Part("rows", "bnc", 4, 1),
            Scores = Part("rows", "bnc", 5),
            Score = ScoreRule.ObjectnessTimesCategory,
            Code = BoxCode.Cxcywh,
            Nms = new NmsSpec { Iou = 0.45 },
        };
        var decoder = OutputDecoder.Create(spec, Input, Categories(7));
        using var rows = new TestTensor("rows", "bnc", 1, Locations, 12).Fill(() => 30 * random.NextSingle()).ToOrt();
        var detections = new List<DetectedObject>(100);
        var (options, outputs) = (new DetectionOptions(), new[] { rows });
        long Run()
        {
            detections.Clear();
            var before = GC.GetAllocatedBytesForCurrentThread();
            decoder.Decode(outputs, 0, Plan, options, 0.5, detections);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // Code that is not compiled for good yet may allocate where the final one does not.
        var least = Enumerable.Range(0, 500).Min(_ => Run());

        Assert.Equal(100, detections.Count);
        Assert.Equal(0, least);
    }

    private static void AssertSame(DecodingSpec spec, TestTensor[] tensors, double threshold, int categories)
    {
        var expected = new NaiveDecoder(spec, tensors, 0, Wide, categories).Decode(threshold, 100);

        var found = Decode(spec, tensors, categories, threshold: threshold, plan: Wide);

        Assert.Equal(expected.Select(detection => ($"c{detection.Place}", detection.Score)), found.Select(detection => (detection.Category.Name, detection.Score)));
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Box.X1, pair.Second.Box.X1, 1e-9));
    }
}
