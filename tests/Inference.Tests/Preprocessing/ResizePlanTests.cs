using CsCheck;
using Serve.Eval;
using Serve.Inference.Models;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Tests.Preprocessing;

public sealed class ResizePlanTests
{
    private static readonly Gen<(InputSpec Input, int Width, int Height)> Cases = Gen.Select(
        Gen.Int[1, 700], Gen.Int[1, 700], Gen.Enum<ResizeRule>(), Gen.Int[1, 3000], Gen.Int[1, 3000],
        (inputWidth, inputHeight, rule, width, height) => (new InputSpec { Width = inputWidth, Height = inputHeight, Resize = rule }, width, height));

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

            Assert.InRange(plan.Left, 0, input.Width - plan.Width);
            Assert.InRange(plan.Top, 0, input.Height - plan.Height);
            Assert.True(plan.Width == input.Width || plan.Height == input.Height);
            if (input.Resize == ResizeRule.Stretch)
                Assert.Equal((input.Width, input.Height), (plan.Width, plan.Height));
        });
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
    public void Boxes_are_cut_at_the_pictures_edges()
    {
        var plan = ResizePlan.For(new InputSpec { Width = 64, Height = 64 }, 200, 100);

        Assert.Equal(new Box(0, 3, 200, 100), plan.Clip(new Box(-5, 3, 260, 101)));
    }
}
