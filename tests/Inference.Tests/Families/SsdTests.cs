using Serve.Inference.Decoding;
using Serve.Inference.Families;
using Serve.Inference.Models;

namespace Serve.Inference.Tests.Families;

public sealed class SsdTests
{
    [Theory]
    [InlineData("f32", true)]
    [InlineData("f32", false)]
    [InlineData("f16", true)]
    public void UltraFace_is_told_by_its_locations_and_decoding_by_a_run(string type, bool decoded)
    {
        var recognition = new UltraFace().Recognise(TestGraph.Of($"input {type} 1 3 240 320", $"scores {type} 1 4420 2; boxes {type} 1 4420 4"), Run(4420, 2, decoded))!;

        Assert.Equal((ResizeRule.Stretch, ResizeFilter.Bilinear, 127.0, 128.0), (recognition.Input.Resize, recognition.Input.Filter, recognition.Input.Mean[0], recognition.Input.Std[0]));
        Assert.Equal(decoded ? (BoxCode.Xyxy, BoxUnits.InputNormalised) : (BoxCode.Deltas, BoxUnits.Input), (recognition.Decoding.Code, recognition.Decoding.Units));
        Assert.Equal(decoded, recognition.Decoding.Grid is null);
        Assert.Null(new Ssd().Recognise(TestGraph.Of("input f32 1 3 240 320", "scores f32 1 4420 2; boxes f32 1 4420 4"), Run(4420, 2, decoded)));
    }

    [Fact]
    public void UltraFaces_largest_anchors_end_at_the_input()
    {
        var recognition = new UltraFace().Recognise(TestGraph.Of("input f32 1 3 240 320", "scores f32 1 4420 2; boxes f32 1 4420 4"), Run(4420, 2, decoded: false))!;

        Assert.Equal([5, 4], recognition.Decoding.Grid!.Maps[3]);
        Assert.Equal([256, 240], recognition.Decoding.Grid.Anchors[3][2]);
    }

    [Theory]
    [InlineData(8732, 123.0, 8)]
    [InlineData(3000, 127.0, 16)]
    public void Raw_ssd_is_told_by_the_number_of_its_anchors(int locations, double mean, double stride)
    {
        var graph = TestGraph.Of("input f32 1 3 300 300", $"scores f32 1 {locations} 21; boxes f32 1 {locations} 4");

        var recognition = new Ssd().Recognise(graph, Run(locations, 21, decoded: false))!;

        Assert.Equal((20, mean, stride), (recognition.Categories!.Value, recognition.Input.Mean[0], recognition.Decoding.Grid!.Strides[0]));
        Assert.Equal(locations, recognition.Decoding.Grid.Strides.Zip(recognition.Decoding.Grid.Anchors, (step, anchors) => (int)Math.Pow(Math.Ceiling(300 / step), 2) * anchors.Count).Sum());
    }

    [Fact]
    public void Boxes_that_are_no_corners_are_refused_where_the_anchors_are_not_known()
        => Assert.Null(new Ssd().Recognise(TestGraph.Of("input f32 1 3 512 512", "scores f32 1 7777 21; boxes f32 1 7777 4"), Run(7777, 21, decoded: false)));

    [Fact]
    public void Scores_without_a_background_are_another_family()
    {
        var probe = TestGraph.Probe(("scores", [1, 8400, 80], _ => 0.01f), ("boxes", [1, 8400, 4], i => i % 4 < 2 ? 10 : 20));

        Assert.Null(new Ssd().Recognise(TestGraph.Of("input f32 1 3 640 640", "scores f32 1 8400 80; boxes f32 1 8400 4"), probe));
    }

    [Fact]
    public void RetinaFace_has_landmarks_and_zero_padding()
    {
        var graph = TestGraph.Of("input0 f32 1 3 640 640", "a f32 1 16800 4; b f32 1 16800 2; c f32 1 16800 10", operators: ["Softmax"]);

        var recognition = new RetinaFace().Recognise(graph, TestGraph.NoProbe)!;

        Assert.Equal((ResizeRule.LetterboxTopLeft, true, "bgr", 104.0), (recognition.Input.Resize, recognition.Input.PadAfterNormalising, recognition.Input.ChannelOrder, recognition.Input.Mean[0]));
        Assert.Equal(("c", BoxCode.Deltas, 5), (recognition.Decoding.Keypoints!.Part.Outputs[0], recognition.Decoding.Keypoints.Code, recognition.Decoding.Keypoints.Names.Count));
    }

    private static IGraphProbe Run(int locations, int classes, bool decoded) => TestGraph.Probe(
        ("scores", [1, locations, classes], _ => 1f / classes),
        ("boxes", [1, locations, 4], i => decoded ? (i % 4 < 2 ? 0.2f : 0.6f) : (i % 2 == 0 ? 0.3f : -0.4f) * (i % 3 - 1)));
}
