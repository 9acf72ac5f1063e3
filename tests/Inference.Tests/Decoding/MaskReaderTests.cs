using CsCheck;
using Serve.Eval;
using Serve.Eval.Masks;
using Serve.Inference.Decoding;
using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Preprocessing;
using static Serve.Inference.Tests.Decoding.DecoderCase;

namespace Serve.Inference.Tests.Decoding;

/// <summary>Masks against bitmaps that are computed pixel by pixel.</summary>
public sealed class MaskReaderTests
{
    // Pixels nearer to the threshold than this may fall on either side: the one computes in float32, the other in float64.
    private const double Near = 1e-4;

    private static readonly Gen<(int Seed, ResizePlan Plan, Box Box, bool Cut, bool Interleaved)> Cases = Gen.Select(
        Gen.Int, Gen.Int[3, 70], Gen.Int[3, 70], Gen.Enum<ResizeRule>(), Gen.Double[-0.2, 1.2].Array[4], Gen.Bool, Gen.Bool,
        (seed, width, height, rule, edges, cut, interleaved) =>
        {
            var resize = rule is ResizeRule.LetterboxCentre or ResizeRule.Stretch ? rule : ResizeRule.LetterboxTopLeft;
            var plan = ResizePlan.For(new InputSpec { Width = 32, Height = 32, Resize = resize }, width, height);
            var box = new Box(
                Math.Min(edges[0], edges[1]) * width, Math.Min(edges[2], edges[3]) * height,
                (Math.Max(edges[0], edges[1]) + 0.01) * width, (Math.Max(edges[2], edges[3]) + 0.01) * height);
            return (seed, plan, box, cut, interleaved);
        });

    [Fact]
    public void Masks_of_prototypes_are_those_of_a_bitmap()
    {
        Cases.Sample(@case =>
        {
            var (seed, plan, box, cut, interleaved) = @case;
            var random = new Random(seed);
            var prototypes = new TestTensor("prototypes", interleaved ? "byxc" : "bcyx", interleaved ? [2, 9, 8, 3] : [2, 3, 9, 8]).Fill(() => random.NextSingle() - 0.5f);
            var coefficients = new TestTensor("coefficients", "bnc", 2, 1, 3).Fill(() => random.NextSingle() - 0.5f);
            var spec = Spec(new MaskSpec
            {
                Frame = MaskFrame.Prototypes,
                Output = "prototypes",
                Axes = prototypes.Axes,
                Coefficients = Part("coefficients", "bnc"),
                CutAtBox = cut,
            });

            var (mask, expected) = Masks(spec, [prototypes, coefficients], plan, box, cut, (x, y) => Enumerable.Range(0, 3)
                .Sum(c => (double)prototypes.At(('b', 1), ('c', c), ('y', y), ('x', x)) * coefficients.At(('b', 1), ('c', c))), 8, 9, 0);

            AssertSame(mask, expected);
        }, iter: 2000);
    }

    [Theory]
    [InlineData(MaskFrame.Input, "bnyx", new[] { 2, 1, 9, 8 })]
    [InlineData(MaskFrame.Original, "b1nyx", new[] { 2, 1, 1, 9, 8 })]
    [InlineData(MaskFrame.Box, "bncyx", new[] { 2, 1, 2, 9, 8 })]
    public void Masks_of_their_own_are_those_of_a_bitmap(MaskFrame frame, string axes, int[] shape)
    {
        Cases.Sample(@case =>
        {
            var (seed, plan, box, cut, _) = @case;
            var random = new Random(seed);
            var masks = new TestTensor("masks", axes, shape).Fill(() => (8 * random.NextSingle()) - 3);
            var spec = Spec(new MaskSpec { Frame = frame, Output = "masks", Axes = axes, Activation = Activation.Sigmoid, Threshold = 0.5, CutAtBox = cut });

            var (mask, expected) = Masks(
                spec, [masks], plan, box, cut || frame == MaskFrame.Box,
                (x, y) => 1 / (1 + Math.Exp(-masks.At(('b', 1), ('c', 1), ('y', y), ('x', x)))), 8, 9, 0.5);

            AssertSame(mask, expected);
        }, iter: 1000);
    }

    [Fact]
    public void A_mask_that_is_not_a_number_is_refused()
    {
        var spec = Spec(new MaskSpec { Frame = MaskFrame.Input, Output = "masks", Axes = "bnyx" });
        var masks = new TestTensor("masks", "bnyx", 2, 1, 2, 2).Fill(() => float.NaN);

        var refused = Assert.Throws<ModelOutputException>(() => Masks(spec, [masks], Plan, new Box(0, 0, 32, 32), true, (_, _) => 0, 2, 2, 0));

        Assert.Equal("output 'masks', row 0: the mask is not a number.", refused.Message);
    }

    private static DecodingSpec Spec(MaskSpec masks)
        => new() { Boxes = Part("boxes", "bnc"), Scores = Part("scores", "bnc"), Units = BoxUnits.Original, Masks = masks };

    /// <summary>The mask of the second picture's only detection, of the second category, and for each pixel how far above the threshold a plain computation finds it.</summary>
    private static (RunLengths? Mask, double[,] Expected) Masks(
        DecodingSpec spec, TestTensor[] tensors, ResizePlan plan, Box box, bool cut, Func<int, int, double> value, int columns, int rows, double threshold)
    {
        float[] corners = [(float)box.X1, (float)box.Y1, (float)box.X2, (float)box.Y2];
        box = new Box(corners[0], corners[1], corners[2], corners[3]);
        var found = Decode(
            spec, [.. tensors, Tensor("boxes", "bnc", [2, 1, 4], [0, 0, 0, 0, .. corners]), Tensor("scores", "bnc", [2, 1, 2], 0, 0, 0, 1)], picture: 1, plan: plan);
        if (found.Count == 0)
            return (null, new double[0, 0]);

        var (left, width) = Inside(plan.Left, plan.Width, plan.InputWidth, columns);
        var (top, height) = Inside(plan.Top, plan.Height, plan.InputHeight, rows);
        var frame = spec.Masks!.Frame;
        if (frame is MaskFrame.Original or MaskFrame.Box)
            (left, top, width, height) = (0, 0, columns, rows);
        double At(int x, int y) => frame == MaskFrame.Box && (x < 0 || y < 0 || x >= columns || y >= rows) ? 0
            : value(Math.Clamp(x, left, left + width - 1), Math.Clamp(y, top, top + height - 1));
        var expected = new double[plan.SourceWidth, plan.SourceHeight];
        for (var x = 0; x < plan.SourceWidth; x++)
        {
            for (var y = 0; y < plan.SourceHeight; y++)
            {
                var (u, v) = frame == MaskFrame.Box
                    ? (((x + 0.5 - box.X1) / box.Width * columns) - 0.5, ((y + 0.5 - box.Y1) / box.Height * rows) - 0.5)
                    : (left + ((x + 0.5) * width / plan.SourceWidth) - 0.5, top + ((y + 0.5) * height / plan.SourceHeight) - 0.5);
                var (i, j) = ((int)Math.Floor(u), (int)Math.Floor(v));
                var (f, g) = (u - i, v - j);
                var inside = !cut || (x >= box.X1 && x < box.X2 && y >= box.Y1 && y < box.Y2);
                expected[x, y] = inside
                    ? ((1 - g) * (((1 - f) * At(i, j)) + (f * At(i + 1, j)))) + (g * (((1 - f) * At(i, j + 1)) + (f * At(i + 1, j + 1)))) - threshold
                    : -1;
            }
        }

        return (found[0].Mask, expected);
    }

    private static (int First, int Count) Inside(int start, int length, int side, int points)
    {
        var first = Math.Clamp((int)Math.Round((double)start * points / side), 0, points - 1);
        return (first, Math.Clamp((int)Math.Round((double)(start + length) * points / side), first + 1, points) - first);
    }

    private static void AssertSame(RunLengths? mask, double[,] expected)
    {
        if (mask is null)
            return;
        Assert.Equal((expected.GetLength(1), expected.GetLength(0)), (mask.Height, mask.Width));
        Assert.Equal(expected.Length, mask.ToCounts().Sum(count => (long)count));
        var (pixel, inside) = (0, false);
        foreach (var count in mask.ToCounts())
        {
            for (var end = pixel + count; pixel < end; pixel++)
            {
                var value = expected[pixel / mask.Height, pixel % mask.Height];
                if (Math.Abs(value) > Near)
                    Assert.Equal(value > 0, inside);
            }

            inside = !inside;
        }
    }
}
