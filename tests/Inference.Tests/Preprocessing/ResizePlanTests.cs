using CsCheck;
using Serve.Eval;
using Serve.Inference.Models;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Tests.Preprocessing;

public sealed class ResizePlanTests
{
    private static readonly Gen<(InputSpec Input, int Width, int Height)> Cases =
        from inputWidth in Gen.Int[1, 700]
        from inputHeight in Gen.Int[1, 700]
        from rule in Gen.Enum<ResizeRule>()
        from rounding in Gen.Enum<SizeRounding>()
        from multiple in Gen.OneOfConst(1, 32)
        from width in Gen.Int[1, 3000]
        from height in Gen.Int[1, 3000]
        select (new InputSpec { Width = inputWidth, Height = inputHeight, Resize = rule, Rounding = rounding, SizeMultiple = multiple }, width, height);

    [Fact]
    public void A_box_mapped_forth_and_back_is_itself()
    {
        Gen.Select(Cases, Gen.Double[0, 1], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Double[0, 1]).Sample((@case, x1, y1, x2, y2) =>
        {
            var (input, width, height) = @case;
            var box = new Box(x1 * width, y1 * height, x2 * width, y2 * height);
            var plan = ResizePlan.For(input, width, height);

            var back = plan.ToOriginal(plan.ToInput(box));

            Assert.Equal(box.X1, back.X1, 1e-6);
            Assert.Equal(box.Y1, back.Y1, 1e-6);
            Assert.Equal(box.X2, back.X2, 1e-6);
            Assert.Equal(box.Y2, back.Y2, 1e-6);
        });
    }

    [Fact]
    public void The_picture_lies_inside_the_input_and_touches_its_edges()
    {
        Cases.Sample(@case =>
        {
            var (input, width, height) = @case;

            var plan = ResizePlan.For(input, width, height);

            Assert.InRange(plan.Width, 1, plan.InputWidth);
            Assert.InRange(plan.Height, 1, plan.InputHeight);
            Assert.InRange(plan.Left, 0, plan.InputWidth - plan.Width);
            Assert.InRange(plan.Top, 0, plan.InputHeight - plan.Height);
            if (input.Resize is ResizeRule.ShortestSide or ResizeRule.Keep)
            {
                Assert.Equal((0, 0), (plan.InputWidth % input.SizeMultiple, plan.InputHeight % input.SizeMultiple));
                Assert.InRange(plan.InputWidth - plan.Width, 0, input.SizeMultiple - 1);
                Assert.InRange(plan.InputHeight - plan.Height, 0, input.SizeMultiple - 1);
                return;
            }

            Assert.Equal((input.Width, input.Height), (plan.InputWidth, plan.InputHeight));

            // Rounding down may lose a pixel of the side that fits exactly, as int(w * (W / w)) does.
            var slack = input.Rounding == SizeRounding.Down ? 1 : 0;
            Assert.True(plan.Width >= input.Width - slack || plan.Height >= input.Height - slack);
            if (input.Resize == ResizeRule.Stretch)
                Assert.Equal((input.Width, input.Height), (plan.Width, plan.Height));
        });
    }

    [Theory]
    [InlineData(ResizeRule.ShortestSide, 800, 1333, 640, 480, 1067, 800)]
    [InlineData(ResizeRule.ShortestSide, 800, 1333, 2000, 500, 1333, 333)]
    [InlineData(ResizeRule.ShortestSide, 1333, 800, 480, 640, 800, 1067)]
    [InlineData(ResizeRule.Keep, 1000, 1000, 640, 480, 640, 480)]
    [InlineData(ResizeRule.Keep, 1000, 1000, 2000, 1000, 1000, 500)]
    public void Dynamic_inputs_are_as_large_as_the_picture_and_padded_to_a_multiple(
        ResizeRule rule, int inputWidth, int inputHeight, int width, int height, int resizedWidth, int resizedHeight)
    {
        var plan = ResizePlan.For(new InputSpec { Width = inputWidth, Height = inputHeight, Resize = rule, SizeMultiple = 32 }, width, height);

        Assert.Equal((resizedWidth, resizedHeight, 0, 0), (plan.Width, plan.Height, plan.Left, plan.Top));
        Assert.Equal(((resizedWidth + 31) / 32 * 32, (resizedHeight + 31) / 32 * 32), (plan.InputWidth, plan.InputHeight));
    }

    [Theory]
    [InlineData(SizeRounding.Nearest, 640, 427, 320, 214)]
    [InlineData(SizeRounding.Down, 640, 427, 320, 213)]
    public void Sides_are_rounded_as_asked(SizeRounding rounding, int width, int height, int resizedWidth, int resizedHeight)
    {
        var plan = ResizePlan.For(new InputSpec { Width = 320, Height = 320, Rounding = rounding }, width, height);

        Assert.Equal((resizedWidth, resizedHeight), (plan.Width, plan.Height));
    }

    [Theory]
    [InlineData(ResizeRule.LetterboxTopLeft, 64, 32, 0, 0)]
    [InlineData(ResizeRule.LetterboxCentre, 64, 32, 0, 16)]
    [InlineData(ResizeRule.Stretch, 64, 64, 0, 0)]
    public void A_wide_picture_is_laid_as_the_rule_says(ResizeRule rule, int width, int height, int left, int top)
    {
        var plan = ResizePlan.For(new InputSpec { Width = 64, Height = 64, Resize = rule }, 200, 100);

        Assert.Equal((width, height, left, top), (plan.Width, plan.Height, plan.Left, plan.Top));
    }

    [Fact]
    public void Boxes_are_mapped_back_by_the_factor_of_each_side_or_by_the_one_that_was_meant()
    {
        var input = new InputSpec { Width = 416, Height = 416, Rounding = SizeRounding.Down };

        var perSide = ResizePlan.For(input, 960, 638).ToOriginal(new Box(0, 0, 416, 276));
        var one = ResizePlan.For(input with { OneFactor = true }, 960, 638).ToOriginal(new Box(0, 0, 416, 276));

        Assert.Equal(new Box(0, 0, 960, 638), perSide);
        Assert.Equal(960, one.X2, 1e-9);
        Assert.Equal(276 * 960 / 416.0, one.Y2, 1e-9);
    }

    [Fact]
    public void Boxes_are_cut_at_the_pictures_edges()
    {
        var plan = ResizePlan.For(new InputSpec { Width = 64, Height = 64 }, 200, 100);

        Assert.Equal(new Box(0, 3, 200, 100), plan.Clip(new Box(-5, 3, 260, 101)));
    }
}
