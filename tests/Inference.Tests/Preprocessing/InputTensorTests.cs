using CsCheck;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;
using Serve.Inference.Tests.Pictures;

namespace Serve.Inference.Tests.Preprocessing;

public sealed class InputTensorTests
{
    [Fact]
    public void Values_equal_the_obvious_loop()
    {
        var cases = Gen.Select(
            Gen.Int[1, 90], Gen.Int[1, 60], Gen.Enum<ResizeRule>(), Gen.OneOfConst("rgb", "bgr"), Gen.Int[1, 90], Gen.Int[1, 60],
            (inputWidth, inputHeight, rule, order, width, height) => (
                Input: new InputSpec
                {
                    Width = inputWidth,
                    Height = inputHeight,
                    Resize = rule,
                    ChannelOrder = order,
                    PadValue = 114,
                    Scale = 1 / 255.0,
                    Mean = [0.485, 0.456, 0.406],
                    Std = [0.229, 0.224, 0.225],
                },
                Picture: TestPictures.Noise(width, height, seed: width)));

        cases.Sample(@case =>
        {
            var tensor = new float[InputTensor.Length(@case.Input)];

            var plan = InputTensor.Write(@case.Picture, @case.Input, tensor);

            var expected = Naive(@case.Picture, @case.Input, plan);
            for (var i = 0; i < tensor.Length; i++)
                Assert.Equal(expected[i], tensor[i], 2e-6f);
        }, iter: 100);
    }

    [Fact]
    public void Our_own_exports_get_the_bytes_as_they_are()
    {
        var picture = TestPictures.Noise(33, 5, seed: 1);
        var tensor = new float[33 * 5 * 3];

        InputTensor.Write(picture, new InputSpec { Width = 33, Height = 5 }, tensor);

        for (var i = 0; i < 33 * 5; i++)
            Assert.Equal((picture.Pixels[3 * i], picture.Pixels[3 * i + 1], picture.Pixels[3 * i + 2]), (tensor[i], tensor[165 + i], tensor[330 + i]));
    }

    private static float[] Naive(Picture picture, InputSpec input, ResizePlan plan)
    {
        var resized = PictureScaler.Resize(picture, plan.Width, plan.Height);
        var tensor = new float[3 * input.Width * input.Height];
        for (var plane = 0; plane < 3; plane++)
        {
            var channel = input.ChannelOrder == "bgr" ? 2 - plane : plane;
            for (var y = 0; y < input.Height; y++)
            {
                for (var x = 0; x < input.Width; x++)
                {
                    var (u, v) = (x - plan.Left, y - plan.Top);
                    var inside = u >= 0 && v >= 0 && u < plan.Width && v < plan.Height;
                    var value = inside ? resized.Pixels[(v * plan.Width + u) * 3 + channel] : input.PadValue;
                    tensor[(plane * input.Height + y) * input.Width + x] = (float)((value * input.Scale - input.Mean[plane]) / input.Std[plane]);
                }
            }
        }

        return tensor;
    }
}
