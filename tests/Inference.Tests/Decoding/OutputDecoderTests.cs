using CsCheck;
using Serve.Inference.Decoding;
using Serve.Inference.Detection;

namespace Serve.Inference.Tests.Decoding;

public sealed class OutputDecoderTests
{
    [Fact]
    public void Any_decoding_gives_what_a_plain_loop_gives_for_each_picture_of_a_batch()
    {
        Gen.Int.Sample(seed =>
        {
            var random = new RandomDecoding(seed);
            var decoder = OutputDecoder.Create(random.Spec, random.Input, random.Categories);
            var outputs = random.Outputs(decoder);
            for (var picture = 0; picture < RandomDecoding.Pictures; picture++)
            {
                var expected = new NaiveDecoder(random.Spec, random.Tensors, picture, random.Plan, random.Categories.Count)
                    .Decode(random.Options.ScoreThreshold!.Value, random.Options.MaxDetections, random.Options.Iou);
                var detections = new List<DetectedObject>();

                decoder.Decode(outputs, picture, random.Plan, random.Options, 0.5, detections);

                Assert.Equal(expected.Select(found => (random.Categories[found.Place], found.Score)), detections.Select(found => (found.Category, found.Score)));
                for (var i = 0; i < expected.Count; i++)
                {
                    Assert.Equal(expected[i].Box.X1, detections[i].Box.X1, 1e-9);
                    Assert.Equal(expected[i].Box.Y1, detections[i].Box.Y1, 1e-9);
                    Assert.Equal(expected[i].Box.X2, detections[i].Box.X2, 1e-9);
                    Assert.Equal(expected[i].Box.Y2, detections[i].Box.Y2, 1e-9);
                }
            }

            outputs.ForEach(output => output.Dispose());
        }, iter: 2000);
    }
}
