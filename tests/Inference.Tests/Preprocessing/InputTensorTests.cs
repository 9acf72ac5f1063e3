using System.Runtime.InteropServices;
using CsCheck;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;
using Serve.Inference.Tests.Pictures;

namespace Serve.Inference.Tests.Preprocessing;

public sealed class InputTensorTests
{
    private static readonly Gen<(InputSpec Input, Picture Picture)> Cases =
        from width in Gen.Int[1, 90]
        from height in Gen.Int[1, 60]
        from rule in Gen.Enum<ResizeRule>()
        from filter in Gen.Enum<ResizeFilter>()
        from layout in Gen.Enum<TensorLayout>()
        from type in Gen.Enum<PixelType>()
        from order in Gen.OneOfConst("rgb", "bgr")
        from padAfter in Gen.Bool
        from multiple in Gen.OneOfConst(1, 32)
        from pictureWidth in Gen.Int[1, 90]
        from pictureHeight in Gen.Int[1, 60]
        let bytes = type == PixelType.Uint8
        select (
            new InputSpec
            {
                Width = width,
                Height = height,
                Resize = rule,
                Filter = filter,
                Layout = layout,
                Type = type,
                ChannelOrder = order,
                PadValue = 114,
                PadAfterNormalising = padAfter,
                SizeMultiple = multiple,
                Scale = bytes ? 1 : 1 / 255.0,
                Mean = bytes ? [0, 0, 0] : [0.485, 0.456, 0.406],
                Std = bytes ? [1, 1, 1] : [0.229, 0.224, 0.225],
            },
            TestPictures.Noise(pictureWidth, pictureHeight, seed: pictureWidth));

    [Fact]
    public void Values_equal_the_obvious_loop_for_every_rule_filter_layout_and_type()
    {
        Cases.Sample(@case =>
        {
            var (input, picture) = @case;
            var plan = ResizePlan.For(input, picture.Width, picture.Height);
            var bytes = new byte[InputTensor.ByteLength(input, plan)];
            Array.Fill(bytes, (byte)0xA5);

            InputTensor.Write(picture, input, plan, bytes);

            var expected = Naive(picture, input, plan);
            var values = Values(bytes, input.Type);
            Assert.Equal(expected.Length, values.Length);
            var tolerance = input.Type == PixelType.Float16 ? 2e-3f : 2e-6f;
            for (var i = 0; i < values.Length; i++)
                Assert.Equal(expected[i], values[i], tolerance);
        }, iter: 600);
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

    [Fact]
    public void A_plan_for_another_picture_is_refused()
    {
        var input = new InputSpec { Width = 8, Height = 8 };

        var refused = Assert.Throws<ArgumentException>(
            () => InputTensor.Write(TestPictures.Noise(5, 4, seed: 1), input, ResizePlan.For(input, 6, 4), new byte[8 * 8 * 3 * 4]));

        Assert.StartsWith("The plan is for a picture of 6x4 pixels, this one has 5x4.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_of_a_rented_picture_may_be_longer()
    {
        var picture = TestPictures.Noise(40, 30, seed: 2);
        var longer = picture with { Pixels = [.. picture.Pixels, .. Enumerable.Repeat((byte)200, 1000)] };
        foreach (var filter in Enum.GetValues<ResizeFilter>())
        {
            var input = new InputSpec { Width = 22, Height = 22, Filter = filter };
            var (expected, values) = (new float[InputTensor.Length(input)], new float[InputTensor.Length(input)]);

            InputTensor.Write(picture, input, expected);
            InputTensor.Write(longer, input, values);

            Assert.Equal(expected, values);
        }
    }

    private static float[] Values(byte[] bytes, PixelType type) => type switch
    {
        PixelType.Float32 => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
        PixelType.Float16 => [.. MemoryMarshal.Cast<byte, Half>(bytes).ToArray().Select(value => (float)value)],
        _ => [.. bytes.Select(value => (float)value)],
    };

    private static float[] Naive(Picture picture, InputSpec input, ResizePlan plan)
    {
        var resized = PictureScaler.Resize(picture, plan.Width, plan.Height, input.Filter);
        var (width, height) = (plan.InputWidth, plan.InputHeight);
        var tensor = new float[3 * width * height];
        for (var plane = 0; plane < 3; plane++)
        {
            var channel = input.ChannelOrder == "bgr" ? 2 - plane : plane;
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    var (u, v) = (x - plan.Left, y - plan.Top);
                    var inside = u >= 0 && v >= 0 && u < plan.Width && v < plan.Height;
                    var value = inside ? resized.Pixels[(v * plan.Width + u) * 3 + channel] : input.PadValue;
                    var at = input.Layout is TensorLayout.Nchw or TensorLayout.Chw ? (plane * height + y) * width + x : (y * width + x) * 3 + plane;
                    tensor[at] = !inside && input.PadAfterNormalising ? 0 : (float)((value * input.Scale - input.Mean[plane]) / input.Std[plane]);
                }
            }
        }

        return tensor;
    }
}
